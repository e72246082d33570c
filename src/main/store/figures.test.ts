import { describe, expect, it } from 'vitest'
import type { FigureRecipe, FigureSpec } from '../../shared/figures.ts'
import { openProject } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()

const FIGURE: FigureRecipe = {
  name: 'fig-4',
  spec: {
    kind: 'selection-matrix',
    selection: { preset: 'paper', layers: 'All', mu: 10, nonnegative: false, labels: 'true' },
  },
  style: { widthCm: 8.5, font: 'sans', fontSizePt: 7, dpi: 300 },
  formats: ['svg', 'pdf'],
  caption: '',
}

describe('figures of a project', () => {
  it('are kept, changed and removed', () => {
    const folder = temporaryFolder()
    const store = openProject(folder, { mode: 'create' })
    const first = store.figures.save(null, FIGURE)
    const second = store.figures.save(null, { ...FIGURE, name: 'Fig_5', caption: 'Words.' })
    expect(first).toEqual({ id: first.id, ...FIGURE, changedAt: first.changedAt })
    expect(Math.abs(Date.now() - first.changedAt)).toBeLessThan(10_000)
    const changed = store.figures.save(first.id, { ...FIGURE, name: 'FIG-4', formats: ['png'] })
    expect(changed).toMatchObject({ id: first.id, name: 'FIG-4', formats: ['png'] })
    store.close()
    const reader = openProject(folder, { mode: 'read' })
    expect(reader.figures.list()).toEqual([changed, second])
    reader.close()
    const again = openProject(folder, { mode: 'open' })
    again.figures.remove(first.id)
    expect(again.figures.list()).toEqual([second])
    expect(again.figures.save(null, FIGURE).id).toBeGreaterThan(second.id)
    again.close()
  })

  it('of earlier versions, with fewer choices, leave out nothing', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const evaluation = { selection: { layers: 'All' }, seed: 1 }
    const old = [
      { kind: 'averages', classIndex: null, layerNumber: null, limit: 5 },
      { kind: 'responses', feature: 3, limit: 5 },
      { kind: 'iou', evaluation, classIndex: 2 },
    ]
    const now = [{ features: null }, { classes: null }, { image: null, hidden: [] }]
    for (const [i, spec] of old.entries()) {
      const { id } = store.figures.save(null, { ...FIGURE, name: `old-${i}`, spec: spec as unknown as FigureSpec })
      expect(store.figures.get(id)?.spec).toEqual({ ...spec, ...now[i] })
      expect(store.figures.list().at(-1)?.spec).toEqual({ ...spec, ...now[i] })
    }
    const chosen = { kind: 'iou', evaluation, classIndex: null, image: 4, hidden: ['sobel'] } as unknown as FigureSpec
    expect(store.figures.save(null, { ...FIGURE, spec: chosen }).spec).toEqual(chosen)
    store.close()
  })

  it('have names of their own, whatever the capitals', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    store.figures.save(null, FIGURE)
    const { id } = store.figures.save(null, { ...FIGURE, name: 'other' })
    const taken = { code: 'bad-argument', sentence: 'There is a figure "fig-4" already: choose another name.' }
    expect(failureOf(() => store.figures.save(null, { ...FIGURE, name: 'FIG-4' }))).toEqual(taken)
    expect(failureOf(() => store.figures.save(id, FIGURE))).toEqual(taken)
    expect(failureOf(() => store.figures.save(99, { ...FIGURE, name: 'new' })).sentence).toBe('There is no figure 99.')
    expect(store.figures.list().map(({ name }) => name)).toEqual(['fig-4', 'other'])
    store.close()
  })
})

it('a job keeps what it did', () => {
  const store = openProject(temporaryFolder(), { mode: 'create' })
  const id = store.jobs.add('figures', {})
  expect(store.jobs.result(id)).toBeNull()
  store.jobs.keep(id, { folder: '/tmp/x', files: [] })
  expect(store.jobs.result(id)).toEqual({ folder: '/tmp/x', files: [] })
  expect(failureOf(() => store.jobs.keep(99, 1)).code).toBe('internal')
  store.close()
})
