import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { positiveFeatures } from '../../../core/ablation.ts'
import { againstRandom } from '../../../core/against-random.ts'
import { areaWeights } from '../../../core/area-under-removal.ts'
import { shuffledIndexes } from '../../../core/random.ts'
import { stratifiedFolds, stratifiedPart } from '../../../core/splits.ts'
import type { CheckName, CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { batches } from '../../data/batches.ts'
import { COLOUR_CHANNELS } from '../../model/testing/colour-model.ts'
import { SharedAblation } from '../../model/shared-ablation.ts'
import { COLOUR_TEST, COLOUR_TRAIN, colourIngredients } from '../../testing/colour-project.ts'
import { descriptorsOf, rowsFrom, solvePlainly } from '../../testing/plain-selection.ts'
import {
  discard,
  failureOf,
  inProject,
  newProject,
  quiet,
  recording,
  resultsOf,
  type Ingredients,
} from '../../testing/projects.ts'
import { ablate } from '../ablation.ts'
import { extract } from '../extraction.ts'
import { layoutOf } from '../project.ts'
import { select } from '../selection.ts'
import { stored } from '../stored.ts'
import { runCheck } from './index.ts'
import { solvedSelection } from './solved-classes.ts'
import { statisticsOf } from './training-descriptors.ts'

const selection = { preset: 'paper', layers: 'All', mu: 10, nonnegative: false, labels: 'true' } as const
const REPEATS: Partial<Record<CheckName, number>> = { permutation: 20, stability: 20, baselines: 30 }
const NAMES = ['permutation', 'stability', 'path', 'baselines', 'variants'] as const

function specOf(check: CheckName, changes: Partial<CheckSpec> = {}): CheckSpec {
  return {
    check,
    selection,
    explanation: { topFeatures: 3, strideCorrection: 'conv+pool', reduction: 'max-abs' },
    images: null,
    repeats: REPEATS[check] ?? 1,
    seed: 1,
    ...changes,
  }
}

let from: Ingredients
let folder: string
const results = new Map<CheckName, CheckResult>()

beforeAll(async () => {
  from = await colourIngredients()
  folder = await newProject(from, 'planted')
  await inProject(folder, async (project) => {
    await extract(project, { preset: 'paper', layers: 'All' }, quiet())
    for (const name of NAMES) results.set(name, await runCheck(project, specOf(name), quiet()))
  })
}, 60_000)
afterAll(() => discard(from))

const resultOf = (name: CheckName): CheckResult => results.get(name)!

/** Cells of a table as objects, by column. */
function rowsOf({ tables }: CheckResult, id: string): Record<string, string | number | null>[] {
  const { columns, rows }: CheckTable = tables.find((table) => table.id === id)!
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.id, row[i]])))
}
const isPlanted = ({ class: label, channel }: Record<string, string | number | null>): boolean =>
  channel === COLOUR_CHANNELS[Number(label)]

describe('the planted features are found', () => {
  it('by the permutation: chance explains far less', () => {
    const found = resultOf('permutation')
    expect(found.verdict).toBe('for')
    expect(found.sentence).toContain('finds what chance does not: it leaves 0.4')
    const [own, ...permuted] = rowsOf(found, 'selections').map(({ residual }) => Number(residual))
    expect(permuted).toHaveLength(20)
    expect(own).toBeLessThan(0.75 * Math.min(...permuted))
    for (const { p } of rowsOf(found, 'classes')) expect(p).toBeCloseTo(1 / 21, 12)
  })

  it('by the stability: with their near-duplicates they are selected from every half', () => {
    const found = resultOf('stability')
    expect(found.verdict).toBe('for')
    const planted = rowsOf(found, 'features').filter((row) => isPlanted(row) && row['weight'] !== null)
    expect(new Set(planted.map((row) => row['class']))).toEqual(new Set(['0', '1', '2']))
    for (const row of planted) expect(row['group_probability']).toBe(1)
  })

  it('by the path: a handful of features tells all held-out images apart', () => {
    const found = resultOf('path')
    expect(found.verdict).toBe('for')
    expect(found.images).toBe(COLOUR_TRAIN)
    const path = rowsOf(found, 'path')
    expect(path.find(({ mu }) => mu === 10)).toMatchObject({ accuracy: 1, accuracy_low: 1 })
    expect(Number(path.find(({ mu }) => mu === 10)!['features'])).toBeLessThan(10)
    expect(Number(path[0]['accuracy'])).toBeLessThan(0.5)
  })

  it('by the baselines: without them the network fails, without random ones it does not', () => {
    const found = resultOf('baselines')
    expect(found.verdict).toBe('for')
    expect(found.sentence).toContain('The selected features matter more than random ones of the same layers: area')
    expect(found.warnings).toEqual([])
    const areas = rowsOf(found, 'areas')
    expect(areas.map(({ removal }) => removal)).toEqual(['zero', 'zero', 'mean', 'mean', 'resampled', 'resampled'])
    for (const row of areas) {
      expect(Number(row['difference_low'])).toBeGreaterThan(0)
      expect(row['p']).toBeCloseTo(1 / 31, 12)
    }
  })

  it('by every variant of the responses', () => {
    const found = resultOf('variants')
    expect(found.verdict).toBe('for')
    const rows = rowsOf(found, 'same_count')
    expect(rows.map(({ role }) => role)).toEqual(['checked', 'other', 'other', 'other', 'other'])
    expect(rows[0]).toMatchObject({ jaccard: 1, grouped_jaccard: 1, rank_correlation: 1 })
    for (const row of rows) expect(Number(row['grouped_jaccard'])).toBeGreaterThan(0.5)
    expect(rowsOf(found, 'same_mu')[0]).toMatchObject({ jaccard: 1, rank_correlation: 1 })
  })
})

describe('what is computed is the definition', () => {
  it('of statistics of some images', async () => {
    await inProject(folder, async (project) => {
      const descriptors = descriptorsOf(project)
      const rows = await rowsFrom(descriptors)
      const chosen = Uint8Array.from(rows, (_, image) => (image % 3 === 1 ? 1 : 0))
      const found = await statisticsOf(descriptors, descriptors.truth, 3, chosen, quiet())
      const kept = rows.filter((_, image) => chosen[image] === 1)
      const truth = [...descriptors.truth].filter((_, image) => chosen[image] === 1)
      const { gram } = solvePlainly(selection.mu, kept, truth.map((label) => (label === 1 ? 1 : 0)))
      expect(found.images).toBe(COLOUR_TRAIN / 3)
      gram.forEach((value, i) => expect(Math.abs(found.gram[i] - value)).toBeLessThan(1e-5))
    })
  })

  it('of a permutation: labels of other images, descriptors as they are', async () => {
    await inProject(folder, async (project) => {
      const descriptors = descriptorsOf(project)
      const rows = await rowsFrom(descriptors)
      const order = shuffledIndexes(rows.length, 1, 41, 3)
      const labels = rows.map((_, image) => descriptors.truth[order[image]])
      const objective = [0, 1, 2].reduce(
        (sum, j) => sum + solvePlainly(selection.mu, rows, labels.map((label) => (label === j ? 1 : 0))).objective,
        0,
      )
      expect(rowsOf(resultOf('permutation'), 'selections')[4]['objective']).toBeCloseTo(objective, 3)
    })
  })

  it('of a half-sample: the images that the first half leaves out', async () => {
    await inProject(folder, async (project) => {
      const descriptors = descriptorsOf(project)
      const rows = await rowsFrom(descriptors)
      const first = stratifiedPart(descriptors.truth, 0.5, 1, 42, 2)
      const kept = [...rows.keys()].filter((image) => first[image] === 0)
      const { artifacts } = project.store
      const check = artifacts.list({ kind: 'check' }).find(({ meta }) => (meta as CheckResult).check === 'stability')!
      const found = artifacts.read(check, 5, 'objectives', 'float64').data
      for (const j of [0, 1, 2]) {
        const own = kept.map((image) => (descriptors.truth[image] === j ? 1 : 0))
        const { objective } = solvePlainly(selection.mu, kept.map((image) => rows[image]), own)
        expect(found[j]).toBeCloseTo(objective, 3)
      }
    })
  })

  it('of the path: fitted to four fifths of the images, scored on the others, each in turn', async () => {
    await inProject(folder, async (project) => {
      const descriptors = descriptorsOf(project)
      const rows = await rowsFrom(descriptors)
      const foldOf = stratifiedFolds(descriptors.truth, 5, 1, 43)
      const found = [0, 1, 2, 3, 4].map((fold) => {
        const fitted = [...rows.keys()].filter((image) => foldOf[image] !== fold)
        const held = [...rows.keys()].filter((image) => foldOf[image] === fold)
        const solved = [0, 1, 2].map((j) => {
          const own = fitted.map((image) => (descriptors.truth[image] === j ? 1 : 0))
          return solvePlainly(selection.mu, fitted.map((image) => rows[image]), own)
        })
        let squares = 0
        let right = 0
        for (const image of held) {
          const scores = solved.map(({ weights }) => weights.reduce((sum, w, k) => sum + w * rows[image][k], 0))
          const label = descriptors.truth[image]
          squares += scores.reduce((sum, score, j) => sum + (score - (j === label ? 1 : 0)) ** 2, 0)
          if (Math.max(...scores) === scores[label]) right++
        }
        const objective = solved.reduce((sum, each) => sum + each.objective, 0)
        return { images: held.length, squares, right, fitted: (2 * objective) / fitted.length }
      })
      const point = rowsOf(resultOf('path'), 'path').find(({ mu }) => mu === 10)!
      const sum = (values: number[]): number => values.reduce((a, b) => a + b)
      const residuals = found.map(({ squares, images }) => squares / images)
      expect(point['accuracy']).toBeCloseTo(sum(found.map(({ right }) => right)) / rows.length, 12)
      expect(point['residual']).toBeCloseTo(sum(found.map(({ squares }) => squares)) / rows.length, 4)
      expect(point['residual_fold_low']).toBeCloseTo(Math.min(...residuals), 4)
      expect(point['residual_fold_high']).toBeCloseTo(Math.max(...residuals), 4)
      expect(point['residual_fold_high']).toBeGreaterThan(Number(point['residual_fold_low']))
      expect(point['fitted_residual']).toBeCloseTo(sum(found.map(({ fitted }) => fitted)) / 5, 4)
    })
  })

  it.each([
    ['zero', 'zero'],
    ['mean', 'mean'],
    ['resample', 'resampled'],
  ] as const)('of the baselines: with %s the curves are those of the ablation', async (replacement, name) => {
    await inProject(folder, async (project) => {
      const spec = { selections: [selection], replacement, repeats: 30, points: 17, seed: 1 } as const
      const { curves } = await ablate(project, spec, quiet())
      const found = rowsOf(resultOf('baselines'), 'curves').filter(({ removal }) => removal === name)
      found.forEach((row, i) => {
        const point = curves[0].points[i]
        expect(row['removed']).toBe(point.removed)
        expect(row['selected']).toBeCloseTo(point.accuracy, 12)
        expect(row['random']).toBeCloseTo(point.random, 12)
        expect(row['random_low']).toBeCloseTo(point.randomLow, 12)
      })
      const areaOf = (heights: number[]): number =>
        areaWeights(found.map(({ removed }) => Number(removed))).reduce((sum, w, i) => sum + w * heights[i], 0)
      const union = rowsOf(resultOf('baselines'), 'areas').find(({ removal }) => removal === name)!
      expect(union['selected']).toBeCloseTo(areaOf(curves[0].points.map(({ accuracy }) => accuracy)), 12)
      expect(union['random']).toBeCloseTo(areaOf(curves[0].points.map(({ random }) => random)), 12)
    })
  })

  it("of the baselines: each class's own features, removed in a network of their own", async () => {
    await inProject(folder, async (project) => {
      const { layout, weights } = await select(project, selection, quiet())
      const areas = await Promise.all(
        [0, 1, 2].map(async (j) => {
          const own = positiveFeatures(weights, j, layout.size)
          const steps = Array.from({ length: own.length + 1 }, (_, step) => step)
          const heights: number[] = []
          for (const step of steps) {
            let right = 0
            let images = 0
            for await (const batch of batches(project.test, project.config.preprocessing, { batchSize: 60 })) {
              const shared = SharedAblation.of(project.network, batch.data, 60, layout, { kind: 'zero' })
              const [predicted] = shared.curve(own.subarray(0, step), [step])
              shared.dispose()
              batch.indexes.forEach((index, row) => {
                if (project.test.records[index].label !== j) return
                images++
                if (predicted[row] === j) right++
              })
            }
            heights.push(right / images)
          }
          return { area: areaWeights(steps).reduce((sum, weight, i) => sum + weight * heights[i], 0), steps, heights }
        }),
      )
      const curve = rowsOf(resultOf('baselines'), 'class_curves').filter(({ removal }) => removal === 'zero')
      expect(curve).toHaveLength(9)
      for (const { share, selected, random, random_low: low } of curve) {
        const mean = areas.reduce((sum, { steps, heights }) => {
          const wanted = Number(share) * steps.at(-1)!
          const [before, after] = [Math.floor(wanted), Math.ceil(wanted)]
          return sum + (heights[before] + (wanted - before) * (heights[after] - heights[before])) / 3
        }, 0)
        expect(selected).toBeCloseTo(mean, 6)
        expect(random).toBeGreaterThanOrEqual(Number(low))
      }
      expect(Number(curve[8]['random'])).toBeGreaterThan(Number(curve[8]['selected']))
      const found = rowsOf(resultOf('baselines'), 'areas')[1]
      expect(found['selected']).toBeCloseTo((areas[0].area + areas[1].area + areas[2].area) / 3, 12)
    })
  })

  it('of a selection over the layers of its own set', async () => {
    await inProject(folder, async (project) => {
      const narrow = { ...selection, layers: 'relu1' }
      const layout = layoutOf(project.graph, 'relu1')
      const { weights } = solvedSelection(await select(project, narrow, quiet()), layout)
      expect(layout.size).toBe(64)
      COLOUR_CHANNELS.forEach((channel, j) => {
        expect([...weights.features.subarray(weights.starts[j], weights.starts[j + 1])]).toContain(channel)
      })
      const found = await runCheck(project, specOf('permutation', { selection: narrow }), quiet())
      expect(found.verdict).toBe('for')
    })
  })
})

describe('random against random, in a network', () => {
  it('holds 0 for about 95 % of the random sets', async () => {
    const sets = REPEATS.baselines!
    await inProject(folder, ({ store: { artifacts } }) => {
      const kept = artifacts.list({ kind: 'check' }).find(({ meta }) => (meta as CheckResult).check === 'baselines')!
      const { data } = artifacts.read(kept, 0, 'zero.right', 'uint8')
      const curve = rowsOf(resultOf('baselines'), 'curves').filter(({ removal }) => removal === 'zero')
      const weights = areaWeights(curve.map(({ removed }) => Number(removed)))
      const areaOf = (set: number, image: number): number =>
        weights.reduce((sum, weight, s) => sum + weight * data[(set * weights.length + s) * COLOUR_TEST + image], 0)
      const areas = Array.from({ length: sets + 1 }, (_, set) =>
        Array.from({ length: COLOUR_TEST }, (_, image) => areaOf(set, image)),
      )
      const random = areas.slice(1)
      const holding = random.filter((chosen, r) => {
        const others = random.filter((_, other) => other !== r).flat()
        const { low, high } = againstRandom(chosen, others, { seed: r, draws: 400 })
        return low <= 0 && high >= 0
      })
      // 28.5 expected.
      expect(holding.length).toBeGreaterThanOrEqual(26)
      expect(againstRandom(areas[0], random.flat(), { seed: 1 }).low).toBeGreaterThan(0)
      return Promise.resolve()
    })
  })
})

describe('a check is kept', () => {
  it('and read, never computed, when its result is asked for', async () => {
    await inProject(folder, async (project) => {
      for (const name of NAMES) {
        expect(await stored(project, 'check', specOf(name), runCheck)).toEqual(resultOf(name))
        const failure = await failureOf(stored(project, 'check', specOf(name, { seed: 9 }), runCheck))
        expect(failure.code).toBe('not-ready')
      }
    })
  })

  it('with the same bytes in another project of the same files', async () => {
    const twin = await newProject(from, 'twin')
    await inProject(twin, async (project) => {
      await extract(project, { preset: 'paper', layers: 'All' }, quiet())
      for (const name of NAMES) expect(await runCheck(project, specOf(name), quiet())).toEqual(resultOf(name))
    })
    const [first, second] = [resultsOf(folder), resultsOf(twin)]
    const checks = Object.keys(second).filter((key) => key.startsWith('check '))
    expect(checks).toHaveLength(NAMES.length)
    for (const key of checks) expect(first[key]).toBe(second[key])
  })

  it('goes on where it was cancelled, and ends alike', async () => {
    const resumed = await newProject(from, 'resumed')
    await inProject(resumed, async (project) => {
      await extract(project, { preset: 'paper', layers: 'All' }, quiet())
      for (const [name, phase] of [['permutation', 'permute labels'], ['stability', 'halve']] as const) {
        const stopped = recording((step, cancel) => {
          if (step.phase === phase && step.done === 7) cancel()
        })
        const failure = await failureOf(runCheck(project, specOf(name), stopped.context))
        expect(failure.code).toBe('cancelled')
        const kept = project.store.artifacts.list({ kind: 'check' }).find(({ complete }) => !complete)!
        expect(kept.parts).toBe(7)
        const again = recording()
        expect(await runCheck(project, specOf(name), again.context)).toEqual(resultOf(name))
        const dones = again.steps.filter((step) => step.phase === phase).map(({ done }) => done)
        expect(dones.at(-1)).toBe(20)
        if (name === 'permutation') expect(dones[0]).toBe(8)
      }
      const cancelled = { ...quiet(), signal: AbortSignal.abort() }
      for (const name of ['path', 'variants', 'baselines'] as const) {
        expect((await failureOf(runCheck(project, specOf(name), cancelled))).code).toBe('cancelled')
      }
    })
  })

  it('draws otherwise with another seed', async () => {
    await inProject(folder, async (project) => {
      const other = await runCheck(project, specOf('permutation', { seed: 2 }), quiet())
      const [first, second] = [resultOf('permutation'), other].map((each) => rowsOf(each, 'selections'))
      expect(second[0]).toEqual(first[0])
      expect(second[1]['objective']).not.toBe(first[1]['objective'])
    })
  })

  it('does not depend on what only heatmaps depend on', async () => {
    await inProject(folder, async (project) => {
      const explanation = { topFeatures: 1, strideCorrection: 'none', reduction: 'l2' } as const
      const found = await stored(project, 'check', specOf('stability', { explanation, images: 5 }), runCheck)
      expect(found).toEqual(resultOf('stability'))
    })
  })
})

describe('a check is refused', () => {
  it.each([
    ['permutation', { repeats: 18 }, 'at least 19 permutations'],
    ['stability', { repeats: 1 }, 'at least 2 half-samples'],
    ['baselines', { repeats: 4 }, 'at least 5 random sets'],
    ['baselines', { selection: { ...selection, mu: 0 } }, 'no feature that could be removed'],
    ['path', { selection: { ...selection, mu: 0 } }, 'needs a μ above 0'],
  ] as const)('%s with %j', async (name, changes, sentence) => {
    await inProject(folder, async (project) => {
      const failure = await failureOf(runCheck(project, specOf(name, changes), quiet()))
      expect(failure).toMatchObject({ code: 'bad-argument' })
      expect(failure.sentence).toContain(sentence)
    })
  })

  it('before the responses are extracted', async () => {
    const empty = await newProject(from, 'empty')
    await inProject(empty, async (project) => {
      for (const name of NAMES) expect((await failureOf(runCheck(project, specOf(name), quiet()))).code).toBe('not-ready')
    })
  })
})

describe('every result', () => {
  it('is JSON without gaps: rows as wide as their columns, names once, finite numbers', () => {
    for (const name of NAMES) {
      const found = resultOf(name)
      expect(JSON.parse(JSON.stringify(found))).toEqual(found)
      expect(found.check).toBe(name)
      expect(found.limits.length).toBeGreaterThan(1)
      expect(found.images).toBe(name === 'baselines' ? COLOUR_TEST : COLOUR_TRAIN)
      for (const { columns, rows } of found.tables) {
        expect(new Set(columns.map(({ id }) => id)).size).toBe(columns.length)
        for (const row of rows) expect(row).toHaveLength(columns.length)
      }
      for (const chart of found.charts) {
        const values = chart.kind === 'lines' ? chart.series.flatMap(({ y }) => [...y]) : chart.rows.map((row) => row.value)
        expect(values.length).toBeGreaterThan(0)
        for (const value of values) expect(Number.isFinite(value)).toBe(true)
      }
    }
  })
})
