import { describe, expect, it } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import { diagnose, engineAdvice, formatDoctor } from './doctor.ts'
import type { EngineSurroundings } from './doctor.ts'
import type { Engine } from './model/engine.ts'

const nothing: EngineSurroundings = {
  gpuBuild: false,
  gpuDriver: false,
  oneDnnIdle: false,
  forced: undefined,
  setup: null,
}
const native: Engine = { name: 'tensorflow', version: '2.21.0', notes: [] }
const wasm: Engine = { name: 'wasm', version: '4.22.0', notes: ['tensorflow does not start: no addon.'] }

describe('engineAdvice', () => {
  it('has none for the fastest engine', () => {
    const surroundings = { ...nothing, gpuBuild: true, gpuDriver: true }
    expect(engineAdvice({ ...native, name: 'tensorflow-gpu' }, surroundings)).toEqual([])
  })

  it('names the GPU build only where there is a driver', () => {
    expect(engineAdvice(native, { ...nothing, gpuDriver: true })[0]?.command).toContain('tfjs-node-gpu')
    const reason = 'No NVIDIA driver is loaded, so the GPU build of tfjs-node would not help.'
    expect(engineAdvice(native, nothing)).toEqual([{ reason, command: null }])
  })

  it('names the kernels that native TensorFlow leaves idle, and only native TensorFlow has', () => {
    const idle = { ...nothing, oneDnnIdle: true }
    expect(engineAdvice(native, idle)[0]).toMatchObject({ command: 'export TF_ENABLE_ONEDNN_OPTS=1' })
    expect(engineAdvice(wasm, idle)).toEqual(engineAdvice(wasm, nothing))
  })

  it('says why native TensorFlow does not run: the words of the set-up, else those of the engine', () => {
    const command = 'npm run setup'
    expect(engineAdvice(wasm, nothing)).toEqual([{ reason: 'tensorflow does not start: no addon.', command }])
    expect(engineAdvice(wasm, { ...nothing, setup: 'There is no compiler.' })).toEqual([
      { reason: 'There is no compiler.', command },
    ])
  })

  it('says when the engine was asked for', () => {
    expect(engineAdvice(wasm, { ...nothing, forced: 'wasm' })).toEqual([
      { reason: 'VEBI_ENGINE asks for the engine wasm.', command: 'unset VEBI_ENGINE' },
    ])
  })

  it('says why an installed GPU build does not run', () => {
    const notes = ['tensorflow-gpu does not start: libcudart is missing.']
    expect(engineAdvice({ ...native, notes }, { ...nothing, gpuBuild: true })).toEqual([
      { reason: 'tensorflow-gpu does not start: libcudart is missing.', command: null },
    ])
  })
})

describe('diagnose', () => {
  it('tells versions, machine, engine and a measured time, as data and as text', async () => {
    const report = await diagnose()
    expect(report.vebi).toBe(packageFile.version)
    expect(report.node).toBe(process.versions.node)
    expect(report.cpu.cores).toBeGreaterThan(0)
    expect(report.memory.totalBytes).toBeGreaterThan(report.memory.freeBytes)
    expect(report.benchmark.milliseconds).toBeGreaterThan(0)
    expect(report.libraries['better-sqlite3']).toMatchObject({ ok: true, version: expect.stringMatching(/^\d+\./) })
    expect(report.libraries.sqlite).toMatchObject({ ok: true, version: expect.stringMatching(/^3\./) })
    expect(report.libraries.sharp).toMatchObject({ ok: true })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)

    const text = formatDoctor(report)
    expect(text).toContain(`engine          ${report.engine.name} ${report.engine.version}`)
    for (const { reason, command } of report.advice) {
      expect(text).toContain(reason)
      if (command !== null) expect(text).toContain(`Enter: ${command}`)
    }
  })
})
