import type { FeatureLayout } from '../../../core/features.ts'
import { NEAR_DUPLICATE } from '../../../core/feature-groups.ts'
import type { SparseWeights } from '../../../core/sparse-weights.ts'
import { expectedFalse, type SelectionCounts } from '../../../core/stability.ts'
import type { CheckChart, CheckResult, CheckTable } from '../../../shared/checks.ts'
import { namedFeature } from './solved-classes.ts'
import { numeric, text } from './tables.ts'
import { counted, decimal } from './words.ts'

/** A feature that is selected in at least this share of the half-samples counts as stable. */
const STABLE = 0.75
const THRESHOLDS = [0.6, STABLE, 0.9]
/** Shares of stable features from which the check speaks for the selection, and below which against it. */
const MOSTLY = 0.75
const HARDLY = 0.5
/** Features that have a row in the figure. */
const MOST_ROWS = 30

export interface StabilityFindings {
  readonly classes: readonly string[]
  readonly layout: FeatureLayout
  readonly images: number
  readonly repeats: number
  /** The selection from all images. */
  readonly own: SparseWeights
  /** `[m]`, the first feature of each feature's group. */
  readonly groups: Int32Array
  readonly counts: SelectionCounts
}

/** One relevant feature of one class. */
interface Pair {
  readonly classIndex: number
  readonly feature: number
  /** Null where the feature is selected from halves only. */
  readonly weight: number | null
  readonly probability: number
  readonly groupProbability: number
}

export function stabilityResult(findings: StabilityFindings): CheckResult {
  const { images, repeats } = findings
  const pairs = pairsOf(findings)
  const own = pairs.filter(({ weight }) => weight !== null)
  const stable = own.filter(({ probability }) => probability >= STABLE).length
  const grouped = own.filter(({ groupProbability }) => groupProbability >= STABLE).length
  const share = own.length > 0 ? grouped / own.length : 0
  const verdict = share >= MOSTLY ? 'for' : share < HARDLY ? 'against' : 'open'
  return {
    check: 'stability',
    title: 'Stability',
    sentence:
      `Of the ${own.length} relevant features, counted for each class, ${stable} are selected again from at least ` +
      `${100 * STABLE} % of ${counted(repeats, 'half-sample')} of the training images, and ${grouped} when ` +
      `near-duplicates count as one (${decimal(share, 2)} of them).`,
    verdict,
    limits: [
      'A feature that is found again tells the classes apart in these images; it may still be a property of the images rather than of the class.',
      'Halves hold half of the images: a feature that needs all of them to be found is less rare than it seems here.',
      `Features whose descriptors correlate by more than ${NEAR_DUPLICATE}, directly or through others, count as near-duplicates; the selection may take either, so that each alone looks unstable.`,
      'The bound on false selections holds where irrelevant features are exchangeable, which channels of one network are only roughly.',
    ],
    warnings: own.length === 0 ? ['The selection holds no feature.'] : [],
    images,
    tables: [pairsTable(findings, pairs), classesTable(findings, own), thresholdsTable(findings)],
    charts: [ranksChart(findings), ...(own.length > 0 ? [pairsChart(findings, own)] : [])],
  }
}

/** The relevant features of each class and those that most half-samples select, likeliest first. */
function pairsOf({ classes, own, counts }: StabilityFindings): Pair[] {
  return classes.flatMap((_, classIndex) => {
    const weights = new Map<number, number>()
    for (let i = own.starts[classIndex]; i < own.starts[classIndex + 1]; i++) {
      weights.set(own.features[i], own.values[i])
    }
    const features = new Set([...weights.keys(), ...counts.featuresAbove(classIndex, 0.5)])
    return [...features]
      .map((feature) => ({
        classIndex,
        feature,
        weight: weights.get(feature) ?? null,
        probability: counts.probability(classIndex, feature),
        groupProbability: counts.groupProbability(classIndex, feature),
      }))
      .sort((a, b) => b.probability - a.probability || a.feature - b.feature)
  })
}

function pairsTable({ classes, layout, groups }: StabilityFindings, pairs: readonly Pair[]): CheckTable {
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return {
    id: 'features',
    title: 'Relevant features of each class, and features that most half-samples select',
    columns: [
      text('class', 'class'),
      text('layer', 'layer'),
      numeric('channel', 'channel', 0),
      numeric('weight', 'weight'),
      numeric('probability', 'selection probability', 2),
      numeric('group_probability', 'of it or a near-duplicate', 2),
      text('group', 'group named by'),
      numeric('group_size', 'features in the group', 0),
    ],
    rows: pairs.map(({ classIndex, feature, weight, probability, groupProbability }) => {
      const { layer, channel } = namedFeature(layout, feature)
      const group = namedFeature(layout, groups[feature])
      return [
        classes[classIndex],
        layer,
        channel,
        weight,
        probability,
        groupProbability,
        `${group.layer} channel ${group.channel}`,
        sizes.get(groups[feature])!,
      ]
    }),
  }
}

function classesTable({ classes, layout, counts }: StabilityFindings, own: readonly Pair[]): CheckTable {
  return {
    id: 'classes',
    title: `Relevant features of each class that are selected in at least ${100 * STABLE} % of the half-samples`,
    columns: [
      text('class', 'class'),
      numeric('features', 'features', 0),
      numeric('stable', 'stable', 0),
      numeric('stable_groups', 'stable with near-duplicates', 0),
      numeric('selected_by_halves', 'features of a half-sample, mean', 1),
      numeric('stable_anywhere', 'stable, selected or not', 0),
      numeric('false_bound', 'at most so many false, expected', 2),
    ],
    rows: classes.map((name, j) => {
      const mine = own.filter(({ classIndex }) => classIndex === j)
      return [
        name,
        mine.length,
        mine.filter(({ probability }) => probability >= STABLE).length,
        mine.filter(({ groupProbability }) => groupProbability >= STABLE).length,
        counts.meanSelected(j),
        counts.featuresAbove(j, STABLE).length,
        expectedFalse(counts.meanSelected(j), layout.size, STABLE),
      ]
    }),
  }
}

function thresholdsTable({ classes, layout, counts }: StabilityFindings): CheckTable {
  return {
    id: 'thresholds',
    title: 'Features above a selection probability, counted for each class, and how many of them may be false',
    columns: [
      numeric('threshold', 'selection probability', 2),
      numeric('features', 'features', 0),
      numeric('false_bound', 'at most so many false, expected', 2),
    ],
    rows: THRESHOLDS.map((threshold) => [
      threshold,
      classes.reduce((sum, _, j) => sum + counts.featuresAbove(j, threshold).length, 0),
      classes.reduce((sum, _, j) => sum + expectedFalse(counts.meanSelected(j), layout.size, threshold), 0),
    ]),
  }
}

function ranksChart({ classes, groups, counts }: StabilityFindings): CheckChart {
  const features = classes.flatMap((_, j) =>
    counts.featuresAbove(j, 0).map((feature) => counts.probability(j, feature)),
  )
  const groupsOf = classes.flatMap((_, j) =>
    [...new Set(counts.featuresAbove(j, 0).map((feature) => groups[feature]))].map((group) =>
      counts.groupProbability(j, group),
    ),
  )
  return {
    kind: 'lines',
    id: 'ranks',
    title: 'Selection probabilities, largest first: a steep fall tells stable features from chance',
    xTitle: 'rank among features of all classes',
    yTitle: 'selection probability',
    series: [
      { name: 'features', values: features },
      { name: 'groups of near-duplicates', values: groupsOf },
    ].map(({ name, values }) => {
      const y = values.sort((a, b) => b - a)
      return { name, control: false, x: y.map((_, rank) => rank + 1), y }
    }),
  }
}

function pairsChart({ classes, layout }: StabilityFindings, own: readonly Pair[]): CheckChart {
  const strongest = [...own].sort((a, b) => Math.abs(b.weight!) - Math.abs(a.weight!)).slice(0, MOST_ROWS)
  return {
    kind: 'intervals',
    id: 'probabilities',
    title:
      own.length > MOST_ROWS
        ? `Selection probability of the ${MOST_ROWS} relevant features of largest weight, with their near-duplicates`
        : 'Selection probability of the relevant features with their near-duplicates, largest weight first',
    xTitle: 'selection probability',
    rows: strongest.map(({ classIndex, feature, groupProbability }) => {
      const { layer, channel } = namedFeature(layout, feature)
      return {
        name: `${classes[classIndex]}: ${layer} channel ${channel}`,
        control: false,
        value: groupProbability,
        low: null,
        high: null,
      }
    }),
    reference: STABLE,
  }
}
