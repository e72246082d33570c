/** One image that made it into a feature's list. */
export interface TopEntry {
  readonly image: number
  readonly response: number
  /** Flat position (row * width + column) of the largest activation in the feature's map; 0 for a unit. */
  readonly position: number
}

/** Entries that entered some list, column by column; replaying them rebuilds the lists. */
export interface TopCandidates {
  readonly features: Int32Array
  readonly images: Int32Array
  readonly responses: Float32Array
  readonly positions: Int32Array
}

/** Entries of one batch: `features[i]` answers the image in row `rows[i]`; by row, then by feature. */
export interface TopContenders {
  readonly rows: Int32Array
  readonly features: Int32Array
}

/**
 * The strongest images of each feature (method section 5), kept while images stream by.
 * Total order: response descending, then image id ascending, so the result does not depend on the batches.
 */
export class TopLists {
  readonly size: number
  readonly length: number
  private readonly counts: Int32Array
  private readonly images: Int32Array
  private readonly responses: Float32Array
  private readonly positions: Int32Array
  /** The weakest response of each full list; a list with room left rules nothing out. */
  private readonly lowest: Float32Array

  /** @param size m, the number of features; @param length entries kept for each. */
  constructor(size: number, length: number) {
    this.size = size
    this.length = length
    this.counts = new Int32Array(size)
    this.images = new Int32Array(size * length)
    this.responses = new Float32Array(size * length)
    this.positions = new Int32Array(size * length)
    this.lowest = new Float32Array(size).fill(-Infinity)
  }

  /**
   * Offers a batch. Returns what entered, for storage.
   *
   * @param images ids, `[count]`; @param responses `[count, m]`; @param positions `[count, m]`.
   */
  offer(images: Int32Array, responses: Float32Array, positions: Int32Array): TopCandidates {
    const contenders = this.contenders(images.length, responses)
    const { rows, features } = contenders
    return this.admit(images, responses, contenders, features.map((feature, i) => positions[rows[i]! * this.size + feature]!))
  }

  /**
   * The entries of a batch that the lists as they stand do not rule out: only their positions are worth finding.
   *
   * @param responses `[count, m]`.
   */
  contenders(count: number, responses: Float32Array): TopContenders {
    const { size, lowest } = this
    let found = 0
    for (let row = 0; row < count; row++) {
      const base = row * size
      for (let feature = 0; feature < size; feature++) if (responses[base + feature]! >= lowest[feature]!) found++
    }
    const rows = new Int32Array(found)
    const features = new Int32Array(found)
    for (let row = 0, next = 0; next < found; row++) {
      const base = row * size
      for (let feature = 0; feature < size; feature++) {
        if (responses[base + feature]! >= lowest[feature]!) {
          rows[next] = row
          features[next++] = feature
        }
      }
    }
    return { rows, features }
  }

  /**
   * Offers the contenders of a batch. Returns what entered, for storage.
   *
   * @param images ids, `[count]`; @param responses `[count, m]`; @param positions one for each contender.
   */
  admit(images: Int32Array, responses: Float32Array, contenders: TopContenders, positions: Int32Array): TopCandidates {
    const { rows, features } = contenders
    const entered = new Int32Array(rows.length)
    let count = 0
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      const feature = features[i]!
      const response = responses[row * this.size + feature]!
      if (response >= this.lowest[feature]! && this.insert(feature, images[row]!, response, positions[i]!)) entered[count++] = i
    }
    const chosen = entered.subarray(0, count)
    const strengths = new Float32Array(count)
    for (let i = 0; i < count; i++) strengths[i] = responses[rows[chosen[i]!]! * this.size + features[chosen[i]!]!]!
    return {
      features: chosen.map((i) => features[i]!),
      images: chosen.map((i) => images[rows[i]!]!),
      responses: strengths,
      positions: chosen.map((i) => positions[i]!),
    }
  }

  /** Offers stored candidates again. */
  replay(candidates: TopCandidates): void {
    for (let i = 0; i < candidates.features.length; i++) {
      this.insert(candidates.features[i]!, candidates.images[i]!, candidates.responses[i]!, candidates.positions[i]!)
    }
  }

  /** The list of one feature, strongest first. */
  entries(feature: number): TopEntry[] {
    const begin = feature * this.length
    return Array.from({ length: this.counts[feature]! }, (_, i) => ({
      image: this.images[begin + i]!,
      response: this.responses[begin + i]!,
      position: this.positions[begin + i]!,
    }))
  }

  /** All lists at once: `counts` `[m]`; `images`, `responses`, `positions` `[m, length]`, strongest first. */
  toArrays(): { counts: Int32Array; images: Int32Array; responses: Float32Array; positions: Int32Array } {
    return { counts: this.counts, images: this.images, responses: this.responses, positions: this.positions }
  }

  private insert(feature: number, image: number, response: number, position: number): boolean {
    const begin = feature * this.length
    const count = this.counts[feature]!
    let place = count
    while (place > 0) {
      const before = begin + place - 1
      const other = this.responses[before]!
      if (other > response || (other === response && this.images[before]! <= image)) break
      place--
    }
    if (place === this.length) return false
    const end = Math.min(count, this.length - 1)
    for (const column of [this.images, this.responses, this.positions]) {
      column.copyWithin(begin + place + 1, begin + place, begin + end)
    }
    this.images[begin + place] = image
    this.responses[begin + place] = response
    this.positions[begin + place] = position
    this.counts[feature] = end + 1
    if (end + 1 === this.length) this.lowest[feature] = this.responses[begin + end]!
    return true
  }
}

/** Candidates of successive batches as one. */
export function joinCandidates(batches: readonly TopCandidates[]): TopCandidates {
  const length = batches.reduce((sum, batch) => sum + batch.features.length, 0)
  const joined = {
    features: new Int32Array(length),
    images: new Int32Array(length),
    responses: new Float32Array(length),
    positions: new Int32Array(length),
  }
  let begin = 0
  for (const batch of batches) {
    joined.features.set(batch.features, begin)
    joined.images.set(batch.images, begin)
    joined.responses.set(batch.responses, begin)
    joined.positions.set(batch.positions, begin)
    begin += batch.features.length
  }
  return joined
}
