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
  /** Room for the contenders of a batch, as row * channels + channel. */
  private found = new Int32Array(0)

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
    return this.admit(
      images,
      responses,
      contenders,
      features.map((feature, i) => positions[rows[i] * this.size + feature]),
    )
  }

  /**
   * The entries of a batch that the lists as they stand do not rule out: only their positions are worth finding.
   * A response that is not finite is never ruled out, so that a check of the contenders finds it.
   *
   * @param responses `[count, channels]`, of the features from `offset` on: one layer, or all of them.
   */
  contenders(count: number, responses: Float32Array, offset = 0): TopContenders {
    const channels = responses.length / count
    const lowest = this.lowest.subarray(offset, offset + channels)
    if (this.found.length < responses.length) this.found = new Int32Array(responses.length)
    const { found } = this
    let length = 0
    for (let row = 0; row < count; row++) {
      const base = row * channels
      for (let channel = 0; channel < channels; channel++) {
        // Written in any case and counted only if it holds: faster than a branch that is hard to foresee.
        found[length] = base + channel
        if (!(responses[base + channel] < lowest[channel])) length++
      }
    }
    const rows = new Int32Array(length)
    const features = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      rows[i] = Math.floor(found[i] / channels)
      features[i] = offset + found[i] - rows[i] * channels
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
      const row = rows[i]
      const feature = features[i]
      const response = responses[row * this.size + feature]
      if (response >= this.lowest[feature] && this.insert(feature, images[row], response, positions[i]))
        entered[count++] = i
    }
    const chosen = entered.subarray(0, count)
    const strengths = new Float32Array(count)
    for (let i = 0; i < count; i++) strengths[i] = responses[rows[chosen[i]] * this.size + features[chosen[i]]]!
    return {
      features: chosen.map((i) => features[i]),
      images: chosen.map((i) => images[rows[i]]),
      responses: strengths,
      positions: chosen.map((i) => positions[i]),
    }
  }

  /** Offers stored candidates again. */
  replay(candidates: TopCandidates): void {
    for (let i = 0; i < candidates.features.length; i++) {
      this.insert(candidates.features[i], candidates.images[i], candidates.responses[i], candidates.positions[i])
    }
  }

  /** The list of one feature, strongest first. */
  entries(feature: number): TopEntry[] {
    return Array.from(this.ranked(feature), (at) => ({
      image: this.images[at],
      response: this.responses[at],
      position: this.positions[at],
    }))
  }

  /** All lists at once: `counts` `[m]`; `images`, `responses`, `positions` `[m, length]`, strongest first. */
  toArrays(): { counts: Int32Array; images: Int32Array; responses: Float32Array; positions: Int32Array } {
    const sorted = {
      counts: this.counts.slice(),
      images: new Int32Array(this.images.length),
      responses: new Float32Array(this.images.length),
      positions: new Int32Array(this.images.length),
    }
    for (let feature = 0; feature < this.size; feature++) {
      this.ranked(feature).forEach((at, rank) => {
        const place = feature * this.length + rank
        sorted.images[place] = this.images[at]
        sorted.responses[place] = this.responses[at]
        sorted.positions[place] = this.positions[at]
      })
    }
    return sorted
  }

  /** Where the entries of a feature stand, strongest first. */
  private ranked(feature: number): Int32Array {
    const { images, responses } = this
    const begin = feature * this.length
    const places = Int32Array.from({ length: this.counts[feature] }, (_, i) => begin + i)
    return places.sort((a, b) => responses[b] - responses[a] || images[a] - images[b])
  }

  /** Each list is a heap whose root is the weakest entry, the one that the next better one replaces. */
  private insert(feature: number, image: number, response: number, position: number): boolean {
    const begin = feature * this.length
    const count = this.counts[feature]
    if (count === this.length) {
      if (!this.isWeaker(begin, response, image)) return false
      this.sink(begin, image, response, position)
      this.lowest[feature] = this.responses[begin]
      return true
    }
    let place = count
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.isWeaker(begin + parent, response, image)) break
      this.move(begin + parent, begin + place)
      place = parent
    }
    this.write(begin + place, image, response, position)
    this.counts[feature] = count + 1
    if (count + 1 === this.length) this.lowest[feature] = this.responses[begin]
    return true
  }

  /** Puts an entry in the place of the root and lets it sink below all weaker ones. */
  private sink(begin: number, image: number, response: number, position: number): void {
    const { length, images, responses } = this
    let place = 0
    for (let child = 1; child < length; child = 2 * place + 1) {
      const other = begin + child + 1
      if (child + 1 < length && this.isWeaker(other, responses[begin + child], images[begin + child])) child++
      if (!this.isWeaker(begin + child, response, image)) break
      this.move(begin + child, begin + place)
      place = child
    }
    this.write(begin + place, image, response, position)
  }

  /** Whether the entry at `at` ranks behind one with this response and image. */
  private isWeaker(at: number, response: number, image: number): boolean {
    const own = this.responses[at]
    return own < response || (own === response && this.images[at] > image)
  }

  private move(from: number, to: number): void {
    this.write(to, this.images[from], this.responses[from], this.positions[from])
  }

  private write(at: number, image: number, response: number, position: number): void {
    this.images[at] = image
    this.responses[at] = response
    this.positions[at] = position
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
