import type { SparseWeights } from './sparse-weights.ts'

/**
 * Stability selection (Meinshausen & Buehlmann 2010): how often a feature is selected for a class when the selection is
 * made from halves of the images.
 */
export class SelectionCounts {
  private readonly size: number
  private readonly groups: Int32Array
  /** By class: how often each feature, and each group, was selected; `[size]`, groups by their first feature. */
  private readonly features: readonly Int32Array[]
  private readonly grouped: readonly Int32Array[]
  private readonly selected: Float64Array
  private readonly seen: Int32Array
  private marks = 0
  private samples = 0

  /** @param groups `[size]`, the first feature of each feature's group of near-duplicates. */
  constructor(size: number, classes: number, groups: Int32Array) {
    this.size = size
    this.groups = groups
    this.features = Array.from({ length: classes }, () => new Int32Array(size))
    this.grouped = Array.from({ length: classes }, () => new Int32Array(size))
    this.selected = new Float64Array(classes)
    this.seen = new Int32Array(size)
  }

  /** The selection from one half-sample. */
  add({ starts, features }: SparseWeights): void {
    this.samples += 1
    for (let j = 0; j < this.features.length; j++) {
      this.marks += 1
      for (let i = starts[j]; i < starts[j + 1]; i++) {
        const feature = features[i]
        const group = this.groups[feature]
        this.features[j][feature] += 1
        // However many of its members are selected, a group is selected once.
        if (this.seen[group] !== this.marks) this.grouped[j][group] += 1
        this.seen[group] = this.marks
      }
      this.selected[j] += starts[j + 1] - starts[j]
    }
  }

  /** Share of the half-samples that select the feature for the class. */
  probability(classIndex: number, feature: number): number {
    return this.features[classIndex][feature] / this.samples
  }

  /** Share of the half-samples that select the feature or a near-duplicate of it for the class. */
  groupProbability(classIndex: number, feature: number): number {
    return this.grouped[classIndex][this.groups[feature]] / this.samples
  }

  /** Features that a half-sample selects for the class, on average. */
  meanSelected(classIndex: number): number {
    return this.selected[classIndex] / this.samples
  }

  /** Features that are selected for the class in at least this share of the half-samples, ascending. */
  featuresAbove(classIndex: number, threshold: number): number[] {
    const counts = this.features[classIndex]
    const found: number[] = []
    for (let k = 0; k < this.size; k++) if (counts[k] > 0 && counts[k] / this.samples >= threshold) found.push(k)
    return found
  }
}

/**
 * Bound on the expected number of features that are selected in at least `threshold` of the half-samples though they
 * are irrelevant: q^2 / ((2 threshold - 1) m), with q features per half-sample out of m (Meinshausen & Buehlmann 2010,
 * theorem 1). It holds where irrelevant features are exchangeable and the selection is no worse than guessing.
 */
export function expectedFalse(meanSelected: number, features: number, threshold: number): number {
  return meanSelected ** 2 / ((2 * threshold - 1) * features)
}
