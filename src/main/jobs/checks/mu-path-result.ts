import { bootstrapDifference, bootstrapMean, bootstrapMeans, type Intervals } from '../../../core/bootstrap.ts'
import { unionOf, type SparseWeights } from '../../../core/sparse-weights.ts'
import type { CheckChart, CheckResult, CheckTable } from '../../../shared/checks.ts'
import { ends, numeric, rowsWhere, withEnds } from './tables.ts'
import { counted, decimal, withInterval } from './words.ts'

/** How each point of the path does on the training images, each scored by the fit that has not seen it. */
export interface HeldOutScores {
  /** `[images]` */
  readonly labels: Int32Array
  /** `[images]`, the fold in which each is held out. */
  readonly foldOf: Uint8Array
  /** `[images]`, 1 where the network itself gives the label. */
  readonly byNetwork: Float64Array
  /** `[images, mus]`, 1 where argmax_j w_j x is the label. */
  readonly right: Float64Array
  /** `[images, mus]`, sum_j (w_j x - l_j)^2. */
  readonly squaredError: Float64Array
}

/** The path that is fitted to all images but those of one fold. */
export interface FittedFold {
  /** Of all classes, for each mu. */
  readonly weights: readonly SparseWeights[]
  /** Sum over the classes of 1/2 ||X'w - l||^2 on the fitted images, for each mu. */
  readonly objectives: readonly number[]
  /** Images that it is fitted to. */
  readonly fitted: number
}

export interface MuPathFindings {
  readonly classes: readonly string[]
  readonly mus: readonly number[]
  /** Index of the mu of the selection. */
  readonly chosen: number
  readonly folds: readonly FittedFold[]
  readonly scores: HeldOutScores
  readonly seed: number
}

/** Lowest and highest of the folds, for each mu. */
interface Spread {
  readonly low: readonly number[]
  readonly high: readonly number[]
}

interface Measured {
  readonly accuracy: Intervals
  readonly accuracyOfFolds: Spread
  readonly residual: Intervals
  readonly residualOfFolds: Spread
  readonly network: number
  readonly chance: number
  /** Features that are selected for some class, mean over the folds, and their spread. */
  readonly features: readonly number[]
  readonly featuresOfFolds: Spread
  /** Features of a class, mean over classes and folds. */
  readonly perClass: readonly number[]
  /** 2 / n sum_j 1/2 ||X'w_j - l_j||^2 on the fitted images, mean over the folds. */
  readonly fittedResidual: readonly number[]
}

export function muPathResult(findings: MuPathFindings): CheckResult {
  const { mus, chosen, scores, folds } = findings
  const measured = measure(findings)
  const { accuracy, accuracyOfFolds, chance, featuresOfFolds } = measured
  const best = accuracy.value.reduce((a, value, i) => (value > accuracy.value[a] ? i : a), 0)
  const gain = gainOf(findings, best)
  const at = (i: number) => ({ value: accuracy.value[i], low: accuracy.low[i], high: accuracy.high[i] })
  const verdict = accuracy.low[chosen] <= chance ? 'against' : gain.low > 0 ? 'open' : 'for'
  const images = scores.labels.length
  const shown = (i: number): string => {
    const [fewest, most] = [featuresOfFolds.low[i], featuresOfFolds.high[i]]
    const count = fewest === most ? counted(most, 'feature') : `${fewest} to ${counted(most, 'feature')}`
    return `μ = ${Number(mus[i].toPrecision(3))} with ${count}`
  }
  return {
    check: 'path',
    title: 'Path over μ',
    sentence:
      `At ${shown(chosen)} the selection alone tells the classes of ${counted(images, 'held-out image')} apart with ` +
      `accuracy ${withInterval(at(chosen))}, ${decimal(accuracyOfFolds.low[chosen])} to ` +
      `${decimal(accuracyOfFolds.high[chosen])} in ${folds.length} folds; chance is ${decimal(chance)}, ` +
      (gain.low > 0
        ? `and ${shown(best)} does better: ${decimal(accuracy.value[best])}, paired difference ${withInterval(gain)}.`
        : `and no other μ does better by more than the images leave to chance (best: ${decimal(accuracy.value[best])} at ${shown(best)}).`),
    verdict,
    limits: [
      `Each path is fitted to ${listed([...new Set(folds.map(({ fitted }) => fitted))])} training images and scored on the others, which the network was trained with, too: what it does on new images is not seen here.`,
      'The linear scores only show that the selected responses hold the class; the network may read it from others.',
      'The interval is that of the images, for the fits at hand; how much the fits differ is shown by the folds, of which each two share three quarters of their images.',
      'The best μ is found on the same held-out images that it is scored on, which flatters it a little.',
    ],
    warnings: [],
    images,
    tables: [pathTable(findings, measured)],
    charts: [accuracyChart(findings, measured), residualChart(findings, measured), featuresChart(findings, measured)],
  }
}

function listed(numbers: readonly number[]): string {
  return [...numbers].sort((a, b) => a - b).join(' or ')
}

function measure({ folds, scores, seed, mus, classes }: MuPathFindings): Measured {
  const { labels, foldOf, byNetwork, right, squaredError } = scores
  const columns = mus.length
  const unions = folds.map(({ weights }) => weights.map((each) => unionOf(each).length))
  const ofFold = (values: Float64Array, fold: number): Float64Array =>
    rowsWhere(values, columns, (image) => foldOf[image] === fold)
  const accuracies = folds.map((_, fold) =>
    meansOf(ofFold(right, fold), columns, labels.filter((__, image) => foldOf[image] === fold)),
  )
  const residuals = folds.map((_, fold) => meansOf(ofFold(squaredError, fold), columns))
  const overFolds = (value: (fold: FittedFold, i: number) => number): number[] =>
    mus.map((_, i) => folds.reduce((sum, fold) => sum + value(fold, i), 0) / folds.length)
  return {
    accuracy: bootstrapMeans(right, columns, { seed, classes: labels }),
    accuracyOfFolds: spreadOf(accuracies),
    residual: bootstrapMeans(squaredError, columns, { seed }),
    residualOfFolds: spreadOf(residuals),
    network: bootstrapMean(byNetwork, { seed, draws: 1, classes: labels }).value,
    chance: 1 / new Set(labels).size,
    features: mus.map((_, i) => unions.reduce((sum, own) => sum + own[i], 0) / folds.length),
    featuresOfFolds: spreadOf(unions),
    perClass: overFolds(({ weights }, i) => weights[i].features.length / classes.length),
    fittedResidual: overFolds(({ objectives, fitted }, i) => (2 * objectives[i]) / fitted),
  }
}

/** Mean of each column, with classes the mean of the means of their images. */
function meansOf(rows: Float64Array, columns: number, classes?: ArrayLike<number>): Float64Array {
  return bootstrapMeans(rows, columns, { seed: 1, draws: 1, ...(classes ? { classes } : {}) }).value
}

/** @param values `[folds][mus]` */
function spreadOf(values: readonly ArrayLike<number>[]): Spread {
  const at = (pick: (...numbers: number[]) => number): number[] =>
    Array.from(values[0], (_, i) => pick(...values.map((own) => own[i])))
  return { low: at(Math.min), high: at(Math.max) }
}

/** How much better the best point is than the chosen one. */
function gainOf({ mus, chosen, scores, seed }: MuPathFindings, best: number) {
  const column = (i: number): Float64Array =>
    Float64Array.from(scores.labels, (_, image) => scores.right[image * mus.length + i])
  return bootstrapDifference(column(best), column(chosen), { seed, classes: scores.labels })
}

function pathTable({ mus }: MuPathFindings, measured: Measured): CheckTable {
  const { accuracy, accuracyOfFolds, residual, residualOfFolds, features, featuresOfFolds } = measured
  return {
    id: 'path',
    title: 'The path over μ and how its points do on held-out training images',
    columns: [
      numeric('mu', 'μ'),
      numeric('features', 'features, mean', 1),
      ...folded('features', 0),
      numeric('features_per_class', 'per class, mean', 1),
      ...withEnds('accuracy', 'mean class accuracy, held out'),
      ...folded('accuracy'),
      ...withEnds('residual', 'residual, held out'),
      ...folded('residual'),
      numeric('fitted_residual', 'residual, fitted'),
    ],
    rows: mus.map((mu, i) => [
      mu,
      features[i],
      featuresOfFolds.low[i],
      featuresOfFolds.high[i],
      measured.perClass[i],
      ...ends(accuracy, i),
      accuracyOfFolds.low[i],
      accuracyOfFolds.high[i],
      ...ends(residual, i),
      residualOfFolds.low[i],
      residualOfFolds.high[i],
      measured.fittedResidual[i],
    ]),
  }
}

function folded(id: string, decimals = 3): CheckTable['columns'][number][] {
  return [numeric(`${id}_fold_low`, 'folds from', decimals), numeric(`${id}_fold_high`, 'to', decimals)]
}

const X_TITLE = 'μ (bound on the sum of the absolute weights)'
const BAND = 'band from the lowest to the highest fold'

function accuracyChart({ mus }: MuPathFindings, { accuracy, accuracyOfFolds, network, chance }: Measured): CheckChart {
  const level = (name: string, value: number) => ({
    name,
    control: true,
    x: [mus[0], mus.at(-1)!],
    y: [value, value],
  })
  return {
    kind: 'lines',
    bandsInTitle: true,
    id: 'accuracy',
    title: `Accuracy of the selected features alone on held-out training images; ${BAND}`,
    xTitle: X_TITLE,
    yTitle: 'mean class accuracy',
    series: [
      { name: 'selected features', control: false, x: [...mus], y: [...accuracy.value], ...accuracyOfFolds },
      level('network', network),
      level('chance', chance),
    ],
  }
}

function residualChart({ mus }: MuPathFindings, { residual, residualOfFolds, fittedResidual }: Measured): CheckChart {
  return {
    kind: 'lines',
    bandsInTitle: true,
    id: 'residual',
    title: `Share of the labels that the selected features leave unexplained; ${BAND}`,
    xTitle: X_TITLE,
    yTitle: 'residual (share of the squared labels)',
    series: [
      { name: 'held out', control: false, x: [...mus], y: [...residual.value], ...residualOfFolds },
      { name: 'fitted', control: false, x: [...mus], y: fittedResidual },
    ],
  }
}

function featuresChart({ mus }: MuPathFindings, { features, featuresOfFolds }: Measured): CheckChart {
  return {
    kind: 'lines',
    bandsInTitle: true,
    id: 'features',
    title: `Features that are selected for some class; ${BAND}`,
    xTitle: X_TITLE,
    yTitle: 'features',
    series: [{ name: 'features', control: false, x: [...mus], y: features, ...featuresOfFolds }],
  }
}
