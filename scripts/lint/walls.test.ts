import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'
import { forbiddenImport } from './walls.mjs'

describe('forbiddenImport', () => {
  it.each([
    ['src/shared/contract.ts', '../core/responses.ts'],
    ['src/shared/contract.ts', 'node:fs'],
    ['src/core/responses.ts', '../main/model/engine.ts'],
    ['src/core/selection/lasso.ts', '../../renderer/app.ts'],
    ['src/core/responses.ts', 'node:fs'],
    ['src/core/responses.ts', 'fs'],
    ['src/core/responses.ts', '@tensorflow/tfjs-core'],
    ['src/renderer/api/http.ts', '../../main/app.ts'],
    ['src/renderer/api/http.ts', '../../core/responses.ts'],
    ['src/renderer/views/start/StartView.vue', '../../../main/app.ts'],
    ['src/renderer/views/start/StartView.vue', 'node:fs'],
    ['src/preload/index.ts', '../main/app.ts'],
    ['src/main/app.ts', '../renderer/app.ts'],
    ['src/main/model/network.ts', '../jobs/runner.ts'],
    ['src/main/data/idx-file.ts', '../jobs/runner.ts'],
    ['src/main/store/database.ts', '../handlers/projects.ts'],
    ['src/main/importers/keras/weights.ts', '../../app.ts'],
    ['src/main/jobs/runner.ts', '../handlers/projects.ts'],
    ['src/main/jobs/runner.ts', '../dispatch.ts'],
    ['src/main/handlers/projects.ts', '../shells/web/server.ts'],
    ['src/main/jobs/runner.ts', '@tensorflow/tfjs-core'],
    ['src/main/handlers/projects.ts', '@tensorflow/tfjs-node'],
    ['src/main/jobs/runner.ts', 'better-sqlite3'],
    ['scripts/bench/run.ts', 'better-sqlite3'],
    ['src/main/importers/keras-hdf5/index.ts', 'h5wasm'],
    ['src/main/importers/hdf5/library.ts', 'h5wasm/node'],
    ['src/main/importers/onnx/messages.ts', 'protobufjs/minimal.js'],
    ['src/main/jobs/runner.ts', 'protobufjs'],
    ['src/main/importers/dataflow/build.ts', '../onnx/node.ts'],
    ['src/main/importers/dataflow/operators/dense.ts', '../../tensorflow-graph/node.ts'],
    ['src/main/engine.ts', 'electron'],
    ['src/renderer/app.ts', 'electron'],
    ['src/main/shells/web/server.ts', 'electron'],
    ['src/main/shells/engine-client.ts', 'electron'],
    ['src/main/serve.ts', 'electron'],
    ['src/main/commands/serve.ts', '../shells/web/server.ts'],
    ['src/main/cli.ts', './engine.ts'],
    ['src/main/handlers/images.ts', '../shells/pictures.ts'],
    ['src/main/shells/web/app.ts', '../electron/origin.ts'],
    ['src/main/shells/electron/desktop.ts', '../web/server.ts'],
    ['src/main/shells/web/app.ts', '../../session.ts'],
    ['src/main/shells/electron/desktop.ts', '../../jobs/queue.ts'],
    ['src/main/shells/electron/desktop.ts', 'hono'],
    ['src/main/serve.ts', '@hono/node-server'],
  ])('%s must not import %s', (file, source) => {
    expect(forbiddenImport(file, source)).not.toBeNull()
  })

  it.each([
    ['src/core/responses.ts', '../shared/graph.ts'],
    ['src/core/selection/lasso.ts', '../statistics.ts'],
    ['src/core/random.ts', 'pure-rand/generator/xoroshiro128plus'],
    ['src/core/responses.test.ts', 'node:fs'],
    ['src/shared/contract.ts', 'zod'],
    ['src/renderer/api/http.ts', '../../shared/contract.ts'],
    ['src/renderer/components/ColourBar.vue', '../../core/colour-maps.ts'],
    ['src/renderer/views/ablation/chart.ts', '../../../core/charts/ablation.ts'],
    ['src/renderer/views/evaluate/image-scores.ts', '../../../core/iou.ts'],
    ['src/main/importers/hdf5/library.ts', 'h5wasm'],
    ['src/main/importers/protobuf/fields.ts', 'protobufjs/minimal.js'],
    ['src/main/importers/onnx/testing/write-onnx.ts', 'protobufjs/minimal.js'],
    ['src/main/importers/onnx/build.ts', '../dataflow/build.ts'],
    ['src/main/importers/dataflow/build.ts', '../graph-builder.ts'],
    ['src/main/jobs/extraction.ts', '../model/network.ts'],
    ['src/main/handlers/projects.ts', '../jobs/runner.ts'],
    ['src/main/model/network.ts', '@tensorflow/tfjs-core'],
    ['src/main/model/operators/convolution.ts', '../engine.ts'],
    ['src/main/jobs/train.ts', '@tensorflow/tfjs-layers'],
    ['src/main/jobs/extraction.test.ts', '@tensorflow/tfjs-core'],
    ['scripts/bench/run.ts', '@tensorflow/tfjs-core'],
    ['src/main/store/database.ts', 'better-sqlite3'],
    ['src/main/index.ts', 'electron'],
    ['src/main/shells/electron/window.ts', 'electron'],
    ['src/preload/index.ts', 'electron'],
    ['src/main/index.ts', './shells/electron/desktop.ts'],
    ['src/main/serve.ts', './shells/web/server.ts'],
    ['src/main/engine.ts', './shells/engine-messages.ts'],
    ['src/main/commands/serve.ts', '../serve.ts'],
    ['src/main/shells/web/server.ts', '../engine-client.ts'],
    ['src/main/shells/web/app.ts', 'hono/streaming'],
  ])('%s may import %s', (file, source) => {
    expect(forbiddenImport(file, source)).toBeNull()
  })
})

describe('the lint run', () => {
  const eslint = new ESLint({
    cwd: new URL('../..', import.meta.url).pathname,
    // Types are looked up by file, and these snippets have none.
    overrideConfig: { languageOptions: { parserOptions: { project: null } } },
    ruleFilter: ({ ruleId }) => !ruleId.startsWith('@typescript-eslint/'),
  })

  async function complaints(filePath: string, code: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(code, { filePath })
    return result?.messages.map(({ ruleId }) => ruleId) ?? []
  }

  it.each([
    ["import { x } from '../main/app.ts'"],
    ["import type { X } from '../main/app.ts'"],
    ["export { x } from '../main/app.ts'"],
    ["export * from '../main/app.ts'"],
    ["const x = await import('../main/app.ts')"],
    ["const x = require('../main/app.ts')"],
    ["let x: import('../main/app.ts').X"],
  ])('sees %s', async (code) => {
    expect(await complaints('src/core/snippet.ts', `${code}\n`)).toContain('walls/imports')
  })

  it('has nothing against what is allowed', async () => {
    expect(await complaints('src/core/snippet.ts', "import '../shared/graph.ts'\n")).toEqual([])
  })

  it('demands awaited promises and no any of every TypeScript file', async () => {
    const { rules } = (await eslint.calculateConfigForFile('src/main/app.ts')) as { rules: Record<string, unknown[]> }
    for (const rule of ['no-floating-promises', 'no-misused-promises', 'no-explicit-any', 'consistent-type-imports']) {
      expect(rules[`@typescript-eslint/${rule}`]?.[0], rule).toBe(2)
    }
  })

  it('wants single quotes and no semicolons', async () => {
    expect(await complaints('src/core/snippet.ts', 'export const x = "a";\n')).toEqual(
      expect.arrayContaining(['quotes', 'semi']),
    )
  })
})
