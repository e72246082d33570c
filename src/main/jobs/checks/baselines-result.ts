import { classAccuracy, meanAndBand } from '../../../core/ablation.ts'
import { againstRandom, type AgainstRandom } from '../../../core/against-random.ts'
import { areaWeights } from '../../../core/area-under-removal.ts'
import { bootstrapMean, bootstrapMeans } from '../../../core/bootstrap.ts'
import type { CheckChart, CheckResult, CheckTable } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { numeric, text, withEnds } from './tables.ts'
import { counted, side, withInterval } from './words.ts'

/** What stands in for a removed channel. The first one decides. */
export const REMOVALS = ['zero', 'mean', 'resample'] as const
export type Removal = (typeof REMOVALS)[number]

const REMOVAL_NAMES: Readonly<Record<Removal, string>> = { zero: 'zero', mean: 'mean', resample: 'resampled' }

/** With fewer random sets their spread is poorly known. */
const USUAL_SETS = 30

export interface RemovalScores {
  readonly removal: Removal
  /** `[sets, steps, images]`, 1 where the prediction is right; the chosen set is the first. */
  readonly right: Uint8Array
  /** `[sets, images]`, area under the curve of each image while features of its own class are removed. */
  readonly own: Float64Array
  /** `[sets, shares, images]`, that curve: 1 where the prediction is right, linear between what is measured. */
  readonly ownHeights: Float32Array
}

export interface BaselineFindings {
  readonly classes: readonly string[]
  /** `[images]` */
  readonly labels: Int32Array
  readonly removals: readonly RemovalScores[]
  /** Numbers of removed features, from 0 to all. */
  readonly steps: readonly number[]
  /** Shares of the removed features of one class, from 0 to 1. */
  readonly shares: readonly number[]
  /** Features of each class that have a positive weight. */
  readonly features: readonly number[]
  readonly repeats: number
  readonly seed: number
}

interface Compared {
  readonly removal: Removal
  readonly union: AgainstRandom
  readonly own: AgainstRandom
}

export function baselinesResult(findings: BaselineFindings): CheckResult {
  const { labels, removals, steps, shares, repeats } = findings
  if (labels.length === 0) throw new VebiError('bad-data', 'None of the test images can be read.')
  const compared = removals.map((scores): Compared => ({
    removal: scores.removal,
    union: compare(findings, areasOf(scores.right, steps, labels.length)),
    own: compare(findings, scores.own),
  }))
  const curves = removals.map(({ removal, right }) => curvesOf(findings, removal, right, steps.length))
  const own = removals.map(({ removal, ownHeights }) => curvesOf(findings, removal, ownHeights, shares.length))
  const [first] = compared
  const { union } = first
  const where = side(union)
  const removed = steps.at(-1)!
  return {
    check: 'baselines',
    title: 'Random baselines',
    sentence:
      `The selected features ${WORDS[where]} random ones of the same layers: area between the curves ` +
      `${withInterval(union)} while ${counted(removed, 'feature')} ${removed === 1 ? 'is' : 'are'} set to zero one after another; ` +
      `class by class, with the features of one class alone, ${withInterval(first.own)}.`,
    verdict: where === 'above' ? 'for' : where === 'below' ? 'against' : 'open',
    limits: [
      'Random sets are drawn from all channels of the layers, the selected ones included, so that small layers look alike.',
      'A network with many channels that do the same loses little by any of them: what it does not miss may still be what it uses.',
      'Removal shows the network activations that it never saw in training, each way in its own manner; where the ways disagree, none of them is to be quoted alone.',
      'The interval holds the chance of the test images and of the random set that is compared with, not that of other training images.',
    ],
    warnings: warningsOf(compared, repeats),
    images: labels.length,
    tables: [
      areasTable(findings, compared),
      classesTable(findings),
      curvesTable(UNION, steps, curves),
      curvesTable(OWN, shares, own),
    ],
    charts: [
      areasChart(compared),
      ...curves.map((each) => curvesChart(UNION, steps, each)),
      ...own.map((each) => curvesChart(OWN, shares, each)),
    ],
  }
}

const WORDS = {
  above: 'matter more than',
  below: 'matter less than',
  around: 'cannot be told from',
} as const

function compare({ labels, seed }: BaselineFindings, areas: Float64Array): AgainstRandom {
  const images = labels.length
  return againstRandom(areas.subarray(0, images), areas.subarray(images), { seed, classes: labels })
}

/** `[sets, images]`, area under the curve of each image. */
function areasOf(right: Uint8Array, steps: readonly number[], images: number): Float64Array {
  const weights = areaWeights(steps)
  const areas = new Float64Array(right.length / steps.length)
  for (let row = 0; row < right.length / images; row++) {
    const set = Math.floor(row / steps.length)
    const weight = weights[row % steps.length]
    for (let image = 0; image < images; image++) areas[set * images + image] += weight * right[row * images + image]
  }
  return areas
}

function warningsOf(compared: readonly Compared[], repeats: number): string[] {
  const warnings = repeats < USUAL_SETS ? [`Only ${repeats} random sets: ${USUAL_SETS} or more are usual.`] : []
  const [first, ...others] = compared
  const differing = others.filter(({ union }) => side(union) !== side(first.union))
  for (const { removal, union } of differing) {
    warnings.push(
      `With ${REMOVAL_NAMES[removal]} removal the selected features ${WORDS[side(union)]} random ones: area ${withInterval(union)}.`,
    )
  }
  if (side(first.own) !== side(first.union)) {
    warnings.push(`Class by class the selected features ${WORDS[side(first.own)]} random ones.`)
  }
  return warnings
}

function areasTable({ labels, steps, removals }: BaselineFindings, compared: readonly Compared[]): CheckTable {
  const meanOf = (areas: Float64Array): number =>
    bootstrapMean(areas, { seed: 1, draws: 1, classes: labels }).value
  return {
    id: 'areas',
    title: 'Area under the accuracy while features are removed, and the area between selected and random ones',
    columns: [
      text('removal', 'removal'),
      text('features', 'features'),
      numeric('selected', 'selected'),
      numeric('random', 'random, mean'),
      ...withEnds('difference', 'random less selected'),
      numeric('images_low', 'by the images alone from'),
      numeric('images_high', 'to'),
      numeric('p', 'p among random sets'),
    ],
    rows: compared.flatMap(({ removal, union, own }, i) => {
      const { right, own: ownAreas } = removals[i]
      return [
        { name: 'union of all classes', areas: areasOf(right, steps, labels.length), found: union },
        { name: "each class's own", areas: ownAreas, found: own },
      ].map(({ name, areas, found }) => {
        const selected = meanOf(areas.subarray(0, labels.length))
        const { value, low, high, imagesLow, imagesHigh, p } = found
        return [REMOVAL_NAMES[removal], name, selected, selected + value, value, low, high, imagesLow, imagesHigh, p]
      })
    }),
  }
}

function classesTable({ classes, labels, removals, features, seed }: BaselineFindings): CheckTable {
  const images = labels.length
  return {
    id: 'classes',
    title: "Area between random features and each class's own, on the images of the class",
    columns: [
      text('class', 'class'),
      text('removal', 'removal'),
      numeric('images', 'images', 0),
      numeric('features', 'features', 0),
      ...withEnds('difference', 'random less selected'),
      numeric('p', 'p among random sets'),
    ],
    rows: classes.flatMap((name, j) => {
      const rows = Array.from(labels.keys()).filter((image) => labels[image] === j)
      if (rows.length === 0 || features[j] === 0) return []
      return removals.map(({ removal, own }) => {
        const sets = own.length / images
        const chosen = rows.map((image) => own[image])
        const random = Array.from({ length: sets - 1 }, (_, r) => rows.map((image) => own[(r + 1) * images + image]))
        const { value, low, high, p } = againstRandom(chosen, random.flat(), { seed })
        return [name, REMOVAL_NAMES[removal], rows.length, features[j], value, low, high, p]
      })
    }),
  }
}

interface Curves {
  readonly removal: Removal
  readonly selected: { readonly value: number[]; readonly low: number[]; readonly high: number[] }
  readonly random: readonly { readonly mean: number; readonly low: number; readonly high: number }[]
}

/**
 * Mean class accuracy at each point: the chosen set with its interval over images, random sets with their band.
 *
 * @param right `[sets, count, images]`; the chosen set is the first.
 */
function curvesOf(
  { labels, classes, seed }: BaselineFindings,
  removal: Removal,
  right: Uint8Array | Float32Array,
  count: number,
): Curves {
  const images = labels.length
  const totals = new Int32Array(classes.length)
  for (const label of labels) totals[label] += 1
  const rows = new Float64Array(images * count)
  for (let s = 0; s < count; s++) for (let i = 0; i < images; i++) rows[i * count + s] = right[s * images + i]
  const { value, low, high } = bootstrapMeans(rows, count, { seed, classes: labels })
  const sets = right.length / (count * images)
  const accuracy = (set: number, s: number): number => {
    const correct = new Float64Array(classes.length)
    const begin = (set * count + s) * images
    for (let i = 0; i < images; i++) correct[labels[i]] += right[begin + i]
    return classAccuracy(correct, totals).mean
  }
  return {
    removal,
    selected: { value: [...value], low: [...low], high: [...high] },
    random: Array.from({ length: count }, (_, s) =>
      meanAndBand(Array.from({ length: sets - 1 }, (_, r) => accuracy(r + 1, s))),
    ),
  }
}

/** What is removed along a curve, and how it is counted. */
interface Removed {
  readonly id: string
  readonly title: string
  readonly of: string
  readonly column: { readonly id: string; readonly title: string; readonly decimals: number }
}

const UNION: Removed = {
  id: 'curves',
  title: 'Mean class accuracy while the union of the selected features, or random ones instead, are removed',
  of: 'features',
  column: { id: 'removed', title: 'removed features', decimals: 0 },
}

const OWN: Removed = {
  id: 'class_curves',
  title: 'Accuracy of a class while its own features, or random ones instead, are removed, mean over the classes',
  of: "each class's own features",
  column: { id: 'share', title: "share of the class's features", decimals: 3 },
}

function curvesTable({ id, title, column }: Removed, points: readonly number[], curves: readonly Curves[]): CheckTable {
  return {
    id,
    title,
    columns: [
      text('removal', 'removal'),
      numeric(column.id, column.title, column.decimals),
      ...withEnds('selected', 'selected'),
      numeric('random', 'random, mean'),
      numeric('random_low', '95 % of the sets from'),
      numeric('random_high', 'to'),
    ],
    rows: curves.flatMap(({ removal, selected, random }) =>
      points.map((removed, s) => [
        REMOVAL_NAMES[removal],
        removed,
        selected.value[s],
        selected.low[s],
        selected.high[s],
        random[s].mean,
        random[s].low,
        random[s].high,
      ]),
    ),
  }
}

function areasChart(compared: readonly Compared[]): CheckChart {
  return {
    kind: 'intervals',
    id: 'area-between',
    title: 'Area between the curves: how much more accuracy the selected features cost than random ones',
    xTitle: 'area between the curves (mean class accuracy)',
    rows: compared.flatMap(({ removal, union, own }) =>
      [
        { name: `${REMOVAL_NAMES[removal]} removal, union`, found: union },
        { name: `${REMOVAL_NAMES[removal]} removal, class by class`, found: own },
      ].map(({ name, found: { value, low, high } }) => ({ name, control: false, value, low, high })),
    ),
    reference: 0,
  }
}

function curvesChart(
  { id, of, column }: Removed,
  points: readonly number[],
  { removal, selected, random }: Curves,
): CheckChart {
  const x = [...points]
  return {
    kind: 'lines',
    id: `${id.replace('_', '-')}-${removal}`,
    title: `Accuracy while ${of} are removed (${REMOVAL_NAMES[removal]} removal), beside random sets of the same layers, of which 95 % lie within the band`,
    xTitle: column.title,
    yTitle: 'mean class accuracy',
    series: [
      { name: 'selected features', control: false, x, y: selected.value, low: selected.low, high: selected.high },
      {
        name: 'random features',
        control: true,
        x,
        y: random.map(({ mean }) => mean),
        low: random.map(({ low }) => low),
        high: random.map(({ high }) => high),
      },
    ],
  }
}
