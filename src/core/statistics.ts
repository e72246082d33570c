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
    for (let image = 0; image < labels.length; image++) {
      this.addOne(descriptors.subarray(image * this.size, (image + 1) * this.size), labels[image])
    }
  }

  /** @param descriptor `[m]` of one image. */
  addOne(descriptor: Float32Array, label: number): void {
    const { size, sums } = this
    const begin = label * size
    for (let i = 0; i < size; i++) sums[begin + i] += descriptor[i]
    this.norms[label] += 1
  }

  /** Adds the sums of other images. */
  join({ sums, norms }: LabelSums): void {
    for (let i = 0; i < sums.length; i++) this.sums[i] += sums[i]
    for (let j = 0; j < norms.length; j++) this.norms[j] += norms[j]
  }
}

/** Sufficient statistics of the mu-Lasso (method section 2): G = X X', label sums, n; all sums in float64. */
export interface SufficientStatistics {
  readonly size: number
  /** `[m, m]` row-major, symmetric. */
  readonly gram: Float64Array
  readonly trueLabels: LabelSums
  /** The same with the network's own predictions as labels (group). */
  readonly predictedLabels: LabelSums
  /** n, the number of images. */
  readonly images: number
}

/** Some rows of a block's product D' D, from the diagonal on. */
export interface GramPanel {
  /** The first row, and the first column. */
  readonly begin: number
  readonly height: number
  /** `[height, m - begin]` row-major; entries left of the diagonal are not looked at. */
  readonly values: Float32Array
}

/**
 * Sums the statistics over blocks of images. Products come from the engine in float32, and only their upper triangle
 * is summed. Most images are predicted right: these are summed once for both kinds of labels.
 */
export class StatisticsSum {
  private readonly size: number
  private readonly gram: Float64Array
  private readonly agreeing: LabelSums
  private readonly onlyTrue: LabelSums
  private readonly onlyPredicted: LabelSums
  private images = 0

  constructor(size: number, classes: number) {
    this.size = size
    this.gram = new Float64Array(size * size)
    this.agreeing = new LabelSums(size, classes)
    this.onlyTrue = new LabelSums(size, classes)
    this.onlyPredicted = new LabelSums(size, classes)
  }

  /** @param descriptors `[count, m]`; @param labels, @param predicted `[count]`; @param product of the descriptors. */
  add(
    descriptors: Float32Array,
    labels: ArrayLike<number>,
    predicted: ArrayLike<number>,
    product: Iterable<GramPanel>,
  ): void {
    for (let image = 0; image < labels.length; image++) {
      const row = descriptors.subarray(image * this.size, (image + 1) * this.size)
      if (labels[image] === predicted[image]) this.agreeing.addOne(row, labels[image])
      else {
        this.onlyTrue.addOne(row, labels[image])
        this.onlyPredicted.addOne(row, predicted[image])
      }
    }
    for (const panel of product) this.addPanel(panel)
    this.images += labels.length
  }

  /** The sums so far, complete and symmetric. Nothing can be added to them any more. */
  finish(): SufficientStatistics {
    const { size, gram, images } = this
    mirrorUpper(gram, size)
    this.onlyTrue.join(this.agreeing)
    this.onlyPredicted.join(this.agreeing)
    return { size, gram, images, trueLabels: this.onlyTrue, predictedLabels: this.onlyPredicted }
  }

  private addPanel({ begin, height, values }: GramPanel): void {
    const { size, gram } = this
    const width = size - begin
    for (let row = 0; row < height; row++) {
      const target = (begin + row) * size + begin
      const source = row * width
      for (let column = row; column < width; column++) gram[target + column] += values[source + column]
    }
  }
}

/** Copies the upper triangle of `[size, size]` to the lower one, tile by tile, so that both stay in the cache. */
function mirrorUpper(matrix: Float64Array, size: number): void {
  const tile = 32
  for (let top = 0; top < size; top += tile) {
    for (let left = 0; left <= top; left += tile) {
      const bottom = Math.min(size, top + tile)
      for (let row = top; row < bottom; row++) {
        const right = Math.min(row, left + tile)
        for (let column = left; column < right; column++) matrix[row * size + column] = matrix[column * size + row]
      }
    }
  }
}
