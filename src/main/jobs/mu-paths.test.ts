import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PathSpec } from '../../shared/results.ts'
import { discard, failureOf, folderIngredients, inProject, newProject, quiet, type Ingredients } from '../testing/projects.ts'
import { extract } from './extraction.ts'
import { MuPaths } from './mu-paths.ts'
import { select } from './selection.ts'

const PATH: PathSpec = {
  selection: { preset: 'paper', layers: 'All', nonnegative: false, labels: 'true' },
  classIndex: 1,
}
const RELEASED: PathSpec['selection'] = { preset: 'released', layers: 'conv1,relu2', nonnegative: false, labels: 'true' }

let from: Ingredients
let folder: string
let bare: string

beforeAll(async () => {
  from = await folderIngredients({ train: 48, test: 8 })
  folder = await newProject(from, 'project')
  bare = await newProject(from, 'bare')
  for (const each of [folder, bare]) {
    await inProject(each, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet()))
  }
  await inProject(folder, (project) => select(project, { ...RELEASED, mu: 5 }, quiet()))
}, 60_000)

afterAll(() => discard(from))

describe('paths of statistics that stay in the store', () => {
  it.each<[string, PathSpec]>([
    ['of all layers', PATH],
    ['of a class by its predictions', { classIndex: 2, selection: { ...PATH.selection, labels: 'predicted' } }],
    ['of some layers, not negative', { ...PATH, selection: { ...PATH.selection, layers: 'OnlyConv', nonnegative: true } }],
    ['of a set with statistics of its own', { ...PATH, selection: RELEASED }],
  ])('are those of statistics in memory: %s', (_, spec) =>
    inProject(folder, async (project) => {
      const whole = new MuPaths(project)
      const byRows = new MuPaths(project, 0)
      const [one, other] = [await whole.curve(spec, 8), await byRows.curve(spec, 8)]
      expect(one.mu.length).toBeGreaterThan(4)
      expect(other.complete).toBe(one.complete)
      expect(other.nonZeros).toEqual(one.nonZeros)
      expect(other.nonZerosAfter).toEqual(one.nonZerosAfter)
      for (const quantity of ['mu', 'lambda', 'objective'] as const) {
        one[quantity].forEach((value, i) => expect(other[quantity][i]).toBeCloseTo(value, 8))
      }
      for (const mu of [0, 0.7, 8, 25]) {
        const [expected, found] = [await whole.at(spec, mu), await byRows.at(spec, mu)]
        expect(found.certificate.accepted).toBe(true)
        expect(found.certificate.objective).toBeCloseTo(expected.certificate.objective, 8)
        const weights = new Map(found.features.map(({ feature, weight }) => [feature, weight]))
        expect(weights.size).toBe(expected.features.length)
        for (const { feature, weight } of expected.features) expect(weights.get(feature)).toBeCloseTo(weight, 7)
      }
    }))

  it('are followed once for all who ask at the same time', () =>
    inProject(folder, async (project) => {
      let reads = 0
      const { artifacts } = project.store
      const readRows: typeof artifacts.readRows = (...what) => {
        reads++
        return artifacts.readRows(...what)
      }
      const counting = { ...project, store: { ...project.store, artifacts: { ...artifacts, readRows } } }
      await new MuPaths(counting, 0).curve(PATH, 8)
      const alone = reads
      reads = 0
      const together = new MuPaths(counting, 0)
      await Promise.all([together.curve(PATH, 8), together.at(PATH, 3), together.curve(PATH, 8)])
      expect(reads).toBe(alone)
    }))

  it('are not ready where nothing is summed up', () =>
    inProject(bare, async (project) => {
      const failure = await failureOf(new MuPaths(project, 0).curve({ ...PATH, selection: RELEASED }, 8))
      expect(failure).toEqual(await failureOf(new MuPaths(project).curve({ ...PATH, selection: RELEASED }, 8)))
      expect(failure.code).toBe('not-ready')
    }))
})
