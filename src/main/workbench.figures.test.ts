import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FigureRecipe } from '../shared/figures.ts'
import { recordedWorkbench } from './testing/recorder.ts'
import { writeTinyProject } from './testing/tiny-project.ts'

const { call, refusal, work, faults, close } = recordedWorkbench()
const selection = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' } as const
const figure: FigureRecipe = {
  name: 'weights',
  spec: { kind: 'selection-matrix', selection },
  style: { widthCm: 8.5, font: 'serif', fontSizePt: 8, dpi: 120 },
  formats: ['svg', 'csv'],
  caption: '',
}
let root: string

beforeAll(async () => {
  const { root: made, options } = await writeTinyProject()
  root = made
  await call('project.create', options)
  await call('project.open', { folder: options.folder })
})

afterAll(async () => {
  await close()
  rmSync(root, { recursive: true, force: true })
})

it('says what must be computed before a figure can be drawn', async () => {
  expect(await refusal('figures.preview', figure)).toMatchObject({ code: 'not-ready' })
  await work({ kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
  const { code, sentence } = await refusal('figures.preview', figure)
  expect(code).toBe('not-ready')
  expect(sentence).toContain('selection')
})

it('previews and renders what is computed', async () => {
  await work({ kind: 'selection', spec: selection })
  const preview = await call('figures.preview', figure)
  expect(preview.widthCm).toBe(8.5)
  expect(preview.svg).toContain(`height="${preview.heightCm}cm"`)
  expect(preview.caption).toContain('μ = 4')
  expect(preview.latex).toContain('$\\mu$ = 4')
  const files = await call('figures.render', { ...figure, formats: ['csv', 'pdf', 'svg', 'svg'] })
  expect(files.map(({ name, mime }) => [name, mime])).toEqual([
    ['weights.svg', 'image/svg+xml'],
    ['weights.pdf', 'application/pdf'],
    ['weights.csv', 'text/csv'],
  ])
  expect(Buffer.from(files[0].bytes).toString()).toBe(preview.svg)
  const own = await call('figures.preview', { ...figure, caption: 'My own_words.' })
  expect(own.caption).toBe(preview.caption)
  expect(own.latex).toContain('\\caption{My own\\_words.}')
})

it('keeps figures under names that files can have', async () => {
  const kept = await call('figures.save', { id: null, figure })
  expect(await call('figures.list')).toEqual([kept])
  expect(await refusal('figures.save', { id: null, figure: { ...figure, name: 'Weights' } })).toEqual({
    code: 'bad-argument',
    sentence: 'There is a figure "weights" already: choose another name.',
  })
  for (const name of ['', '../up', 'a b', 'a.svg', 'ä', 'x'.repeat(81)]) {
    expect((await refusal('figures.save', { id: null, figure: { ...figure, name } })).code).toBe('bad-argument')
  }
})

it('takes a list of features or classes only where it names each once, within bounds', async () => {
  const averages = { selections: [selection], patches: 5, seed: 1 }
  const of = (spec: unknown) => refusal('figures.preview', { ...figure, spec })
  const grid = { kind: 'averages', averages, selection, classIndex: null, layerNumber: null, limit: 5 }
  expect((await of({ ...grid, features: [3, 3] })).sentence).toContain('must name each once')
  expect((await of({ ...grid, features: [] })).sentence).toContain('must name at least one')
  expect((await of({ ...grid, features: Array.from({ length: 501 }, (_, i) => i) })).code).toBe('bad-argument')
  const responses = { kind: 'responses', extraction: { preset: 'paper', layers: 'All' }, selection, feature: 0, limit: 5 }
  expect((await of({ ...responses, classes: [1, 1] })).sentence).toContain('must name each once')
  expect((await of({ ...responses, classes: [99] })).sentence).toContain('There is no class 99')
  const preview = await call('figures.preview', { ...figure, spec: { kind: 'receptive-fields' } })
  expect(preview.caption).toMatch(/^Receptive field of a unit of each of the /)
})

it('writes kept figures as a job and tells what it wrote', async () => {
  const folder = join(root, 'out')
  const job = await work({ kind: 'figures', spec: { folder, ids: null } })
  expect(job.state).toBe('finished')
  const written = await call('figures.written', { job: job.id })
  expect(written).toMatchObject({ folder, failed: [] })
  expect(written.files.map(({ name }) => name)).toEqual(['weights.svg', 'weights.csv', 'manifest.json'])
  for (const { name } of written.files) expect(existsSync(join(folder, name))).toBe(true)
  expect((await refusal('figures.written', { job: 1 })).sentence).toContain('writes no figures')
  expect((await refusal('figures.written', { job: 99 })).sentence).toContain('does not exist')
})

it('removes figures, and refuses to write none', async () => {
  const [{ id }] = await call('figures.list')
  expect(await refusal('figures.remove', { ids: [id, 99] })).toMatchObject({ code: 'bad-argument' })
  expect(await call('figures.list')).toHaveLength(1)
  expect(await call('figures.remove', { ids: [id] })).toEqual([])
  const job = await work({ kind: 'figures', spec: { folder: join(root, 'none'), ids: null } })
  expect(job).toMatchObject({ state: 'failed', message: expect.stringContaining('There is no figure to write') as string })
  expect((await refusal('figures.written', { job: job.id })).code).toBe('not-ready')
  expect(existsSync(join(root, 'none'))).toBe(false)
})

it('meets no fault', () => expect(faults).toEqual([]))
