import { bootstrapDifference, bootstrapMean, bootstrapMeans, type Intervals } from '../../../core/bootstrap.ts'
import { unionOf, type SparseWeights } from '../../../core/sparse-weights.ts'
import type { CheckChart, CheckResult, CheckTable } from '../../../shared/checks.ts'
import { ends, numeric, withEnds } from './tables.ts'
import { counted, decimal, withInterval } from './words.ts'

/** Held-out images and how each point of the path does on them. */
export interface HeldOutScores {
  /** `[images]` */
  readonly labels: Int32Array
  /** `[images]`, 1 where the network itself gives the label. */
  readonly byNetwork: Float64Array
  /** `[images, mus]`, 1 where argmax_j w_j x is the label. */
  readonly right: Float64Array
  /** `[images, mus]`, sum_j (w_j x - l_j)^2. */
  readonly squaredError: Float64Array
}

export interface MuPathFindings {
  readonly classes: readonly string[]
  readonly mus: readonly number[]
  /** Index of the mu of the selection. */
  readonly chosen: number
  /** Of all classes, for each mu. */
  readonly weights: readonly SparseWeights[]
  /** Sum over the classes of 1/2 ||X'w - l||^2 on the fitted images, for each mu. */
  readonly objectives: readonly number[]
  /** Images that the path is fitted to. */
  readonly fitted: number
  readonly scores: HeldOutScores
  readonly seed: number
}

interface Measured {
  readonly accuracy: Intervals
  readonly residual: Intervals
  readonly network: number
  readonly chance: number
  readonly features: readonly number[]
}

export function muPathResult(findings: MuPathFindings): CheckResult {
  const { mus, chosen, scores, fitted } = findings
  const measured = measure(findings)
  const { accuracy, chance, features } = measured
  const best = accuracy.value.reduce((a, value, i) => (value > accuracy.value[a] ? i : a), 0)
  const gain = gainOf(findings, best)
  const at = (i: number) => ({ value: accuracy.value[i], low: accuracy.low[i], high: accuracy.high[i] })
  const verdict = accuracy.low[chosen] <= chance ? 'against' : gain.low > 0 ? 'open' : 'for'
  const images = scores.labels.length
  const shown = (i: number): string => `μ = ${Number(mus[i].toPrecision(3))} with ${counted(features[i], 'feature')}`
  return {
    check: 'path',
    title: 'Path over μ',
    sentence:
      `At ${shown(chosen)} the selection alone tells the classes of ${counted(images, 'held-out image')} apart with ` +
      `accuracy ${withInterval(at(chosen))}; chance is ${decimal(chance)}, ` +
      (gain.low > 0
        ? `and ${shown(best)} does better: ${decimal(accuracy.value[best])}, paired difference ${withInterval(gain)}.`
        : `and no other μ does better by more than the images leave to chance (best: ${decimal(accuracy.value[best])} at ${shown(best)}).`),
    verdict,
    limits: [
      `The path is fitted to ${counted(fitted, 'training image')} and scored on the others, which the network was trained with, too: what it does on new images is not seen here.`,
      'The linear scores only show that the selected responses hold the class; the network may read it from others.',
      'The best μ is found on the same held-out images that it is scored on, which flatters it a little.',
    ],
    warnings: [],
    images: fitted + images,
    tables: [pathTable(findings, measured)],
    charts: [accuracyChart(findings, measured), residualChart(findings, measured), featuresChart(findings, measured)],
  }
}

function measure({ weights, scores, seed }: MuPathFindings): Measured {
  const { labels, byNetwork, right, squaredError } = scores
  const columns = weights.length
  return {
    accuracy: bootstrapMeans(right, columns, { seed, classes: labels }),
    residual: bootstrapMeans(squaredError, columns, { seed }),
    network: bootstrapMean(byNetwork, { seed, draws: 1, classes: labels }).value,
    chance: 1 / new Set(labels).size,
    features: weights.map((each) => unionOf(each).length),
  }
}

/** How much better the best point is than the chosen one. */
function gainOf({ mus, chosen, scores, seed }: MuPathFindings, best: number) {
  const column = (i: number): Float64Array =>
    Float64Array.from(scores.labels, (_, image) => scores.right[image * mus.length + i])
  return bootstrapDifference(column(best), column(chosen), { seed, classes: scores.labels })
}

function fittedResiduals({ objectives, fitted }: MuPathFindings): number[] {
  return objectives.map((objective) => (2 * objective) / fitted)
}

function pathTable(findings: MuPathFindings, { accuracy, residual, features }: Measured): CheckTable {
  const { mus, weights, classes } = findings
  const fitted = fittedResiduals(findings)
  return {
    id: 'path',
    title: 'The path over μ and how its points do on held-out training images',
    columns: [
      numeric('mu', 'μ'),
      numeric('features', 'features', 0),
      numeric('features_per_class', 'per class, mean', 1),
      ...withEnds('accuracy', 'mean class accuracy, held out'),
      ...withEnds('residual', 'residual, held out'),
      numeric('fitted_residual', 'residual, fitted'),
    ],
    rows: mus.map((mu, i) => [
      mu,
      features[i],
      weights[i].features.length / classes.length,
      ...ends(accuracy, i),
      ...ends(residual, i),
      fitted[i],
    ]),
  }
}

const X_TITLE = 'μ (bound on the sum of the absolute weights)'

function accuracyChart({ mus }: MuPathFindings, { accuracy, network, chance }: Measured): CheckChart {
  const level = (name: string, value: number) => ({
    name,
    control: true,
    x: [mus[0], mus.at(-1)!],
    y: [value, value],
  })
  return {
    kind: 'lines',
    id: 'accuracy',
    title: 'Accuracy of the selected features alone on held-out training images',
    xTitle: X_TITLE,
    yTitle: 'mean class accuracy',
    series: [
      {
        name: 'selected features',
        control: false,
        x: [...mus],
        y: [...accuracy.value],
        low: [...accuracy.low],
        high: [...accuracy.high],
      },
      level('network', network),
      level('chance', chance),
    ],
  }
}

function residualChart(findings: MuPathFindings, { residual }: Measured): CheckChart {
  const { mus } = findings
  return {
    kind: 'lines',
    id: 'residual',
    title: 'Share of the labels that the selected features leave unexplained',
    xTitle: X_TITLE,
    yTitle: 'residual (share of the squared labels)',
    series: [
      {
        name: 'held out',
        control: false,
        x: [...mus],
        y: [...residual.value],
        low: [...residual.low],
        high: [...residual.high],
      },
      { name: 'fitted', control: false, x: [...mus], y: fittedResiduals(findings) },
    ],
  }
}

function featuresChart({ mus }: MuPathFindings, { features }: Measured): CheckChart {
  return {
    kind: 'lines',
    id: 'features',
    title: 'Features that are selected for some class',
    xTitle: X_TITLE,
    yTitle: 'features',
    series: [{ name: 'features', control: false, x: [...mus], y: [...features] }],
  }
}
