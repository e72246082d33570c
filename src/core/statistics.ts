/** Label sums for one kind of labels: q_j = X l_j and b_j = l_j' l_j (method section 2). */
export class LabelSums {
  readonly size: number
  readonly classes: number
  /** `[C, m]` row-major: row j is q_j. */
  readonly sums: Float64Array
  /** `[C]`: b_j, the number of images of class j. */
  readonly norms: Float64Array

  constructor(
    size: number,
    classes: number,
    sums: Float64Array = new Float64Array(classes * size),
    norms: Float64Array = new Float64Array(classes),
  ) {
    this.size = size
    this.classes = classes
    this.sums = sums
    this.norms = norms
  }

  /** @param descriptors `[count, m]`; @param labels `[count]`, the class of each image. */
  add(descriptors: Float32Array, labels: ArrayLike<number>): void {
    const { size, sums } = this
    for (let image = 0; image < labels.length; image++) {
      const label = labels[image]
      const row = image * size
      const begin = label * size
      for (let i = 0; i < size; i++) sums[begin + i] += descriptors[row + i]
      this.norms[label] += 1
    }
  }
}

/**
 * Sufficient statistics of the mu-Lasso (method section 2): G = X X', label sums, n.
 * They add over images; sums are float64, each block's product comes from the engine in float32.
 */
export class SufficientStatistics {
  readonly size: number
  /** `[m, m]` row-major, symmetric. */
  readonly gram: Float64Array
  readonly trueLabels: LabelSums
  /** The same with the network's own predictions as labels (group). */
  readonly predictedLabels: LabelSums
  /** n, the number of images. */
  images = 0

  constructor(size: number, trueLabels: LabelSums, predictedLabels: LabelSums) {
    this.size = size
    this.gram = new Float64Array(size * size)
    this.trueLabels = trueLabels
    this.predictedLabels = predictedLabels
  }

  /**
   * Adds a block of images.
   *
   * @param descriptors `[count, m]`; @param labels, @param predicted `[count]`;
   * @param product `[m, m]`, D' D of the block's descriptors D.
   */
  add(descriptors: Float32Array, labels: ArrayLike<number>, predicted: ArrayLike<number>, product: Float32Array): void {
    const { gram } = this
    for (let i = 0; i < gram.length; i++) gram[i] += product[i]
    this.trueLabels.add(descriptors, labels)
    this.predictedLabels.add(descriptors, predicted)
    this.images += labels.length
  }
}
