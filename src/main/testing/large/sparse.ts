import type { FeatureLayout } from '../../../core/features.ts'
import { randomIndex, randomStream } from '../../../core/random.ts'
import { certify, type LassoCertificate } from '../../../core/selection/certificate.ts'
import { CLASSES, TRAIN_PER_CLASS } from './images.ts'

/**
 * A Lasso whose solution is known: with a Gram matrix of `SCALE` on the diagonal and zero elsewhere, the weights at mu
 * are those of q / SCALE drawn towards zero by the same amount, until their sum of magnitudes is mu.
 */
export const SCALE = 0.06

/** Features that a class can have; some of them only beyond mu 10. */
const SUPPORT = 36
/** Features that the classes share among them. */
const POOL = 4000
/** The one class that no feature speaks for. */
export const CLASS_WITHOUT = CLASSES - 1

/** Non-zero entries of one class's q, by feature. */
export type SparseRow = ReadonlyMap<number, number>

/** q of each class, half of it in convolutions. */
export function drawLabelSums(layout: FeatureLayout, isConvolution: (feature: number) => boolean): SparseRow[] {
  const random = randomStream(21)
  const all = Array.from({ length: layout.size }, (_, feature) => feature)
  const pick = (from: readonly number[], count: number): number[] =>
    Array.from({ length: count }, () => from[randomIndex(random, from.length)])
  const convolutions = pick(all.filter(isConvolution), POOL / 4)
  const others = pick(all.filter((feature) => !isConvolution(feature)), POOL)
  return Array.from({ length: CLASSES }, (_, j) => {
    if (j === CLASS_WITHOUT) return new Map<number, number>()
    const features = [...pick(convolutions, SUPPORT / 2), ...pick(others, SUPPORT / 2)]
    return new Map(
      features.map((feature) => {
        const magnitude = 0.2 + (1.2 * randomIndex(random, 1000)) / 1000
        return [feature, SCALE * (randomIndex(random, 8) === 0 ? -magnitude : magnitude)]
      }),
    )
  })
}

/** The exact solution at mu for the features that may be non-zero. */
export function solveDiagonal(q: SparseRow, mu: number, allowed: (feature: number) => boolean): SparseRow {
  const wanted = [...q]
    .filter(([feature]) => allowed(feature))
    .map(([feature, value]) => [feature, value / SCALE] as const)
  const magnitudes = wanted.map(([, value]) => Math.abs(value)).sort((a, b) => b - a)
  let sum = 0
  let shrink = 0
  magnitudes.forEach((magnitude, i) => {
    sum += magnitude
    const needed = (sum - mu) / (i + 1)
    if (needed < magnitude) shrink = Math.max(shrink, needed)
  })
  return new Map(
    wanted
      .map(([feature, value]) => [feature, Math.sign(value) * (Math.abs(value) - shrink)] as const)
      .filter(([, weight], i) => Math.abs(wanted[i][1]) > shrink && weight !== 0),
  )
}

export function certifyDiagonal(
  q: SparseRow,
  weights: SparseRow,
  mu: number,
  allowed: (feature: number) => boolean,
): LassoCertificate {
  const features = [...q.keys()].filter(allowed)
  const size = features.length
  const gram = new Float64Array(size * size)
  for (let k = 0; k < size; k++) gram[k * size + k] = SCALE
  return certify(
    { gram, size, q: Float64Array.from(features, (feature) => q.get(feature)!), labelNorm: TRAIN_PER_CLASS, mu },
    Float64Array.from(features, (feature) => weights.get(feature) ?? 0),
  )
}
