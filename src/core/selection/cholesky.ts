import { dotRange } from './vector.ts'

/**
 * Lower Cholesky factor L of a symmetric positive definite matrix `A = L L'` whose rows and columns come and go
 * one at a time. Row-major with a stride that leaves room to grow. It carries along the forward substitutions
 * `L^-1 b` of a few right-hand sides b that come and go with the rows.
 */
export class UpdatableCholesky {
  private stride: number
  private factor: Float64Array
  private count = 0
  private carried: Float64Array[]

  constructor(rightSides = 0, capacity = 64) {
    this.stride = Math.max(2, capacity)
    this.factor = new Float64Array(this.stride * this.stride)
    this.carried = Array.from({ length: rightSides }, () => new Float64Array(this.stride))
  }

  /** Number of rows of A. */
  get size(): number {
    return this.count
  }

  /**
   * Appends a row to A. `cross` holds its products with the present rows (in order), `diagonal` with itself,
   * `rightValues` its value in each right-hand side.
   * Returns false and changes nothing when what is left of the diagonal is not above
   * `relativeTolerance * diagonal`: the row depends linearly on the present ones, as far as rounding can tell.
   */
  append(
    cross: Float64Array,
    diagonal: number,
    relativeTolerance: number,
    rightValues: readonly number[] = [],
  ): boolean {
    if (this.count + 1 >= this.stride) this.grow()
    const { factor, stride, count } = this
    const start = count * stride
    let remainder = diagonal
    for (let i = 0; i < count; i++) {
      const row = i * stride
      const value = ((cross[i]) - dotRange(factor, row, factor, start, i)) / (factor[row + i])
      factor[start + i] = value
      remainder -= value * value
    }
    if (!(remainder > relativeTolerance * diagonal)) return false
    const pivot = Math.sqrt(remainder)
    factor[start + count] = pivot
    this.carried.forEach((forward, b) => {
      forward[count] = ((rightValues[b] ?? 0) - dotRange(factor, start, forward, 0, count)) / pivot
    })
    this.count = count + 1
    return true
  }

  /** Takes row and column `index` out of A; later rows move up by one. */
  remove(index: number): void {
    const { factor, stride } = this
    const last = this.count - 1
    for (let i = index; i < last; i++) {
      const next = (i + 1) * stride
      factor.copyWithin(i * stride, next, next + i + 2)
    }
    this.count = last
    // Each row from `index` on now reaches one column past the diagonal; Givens rotations of neighbouring columns
    // put it back.
    for (let column = index; column < last; column++) {
      const pivot = column * stride + column
      const a = factor[pivot]
      const b = factor[pivot + 1]
      const length = Math.hypot(a, b)
      const cosine = a / length
      const sine = b / length
      factor[pivot] = length
      for (const forward of this.carried) {
        const left = forward[column]
        const right = forward[column + 1]
        forward[column] = cosine * left + sine * right
        forward[column + 1] = cosine * right - sine * left
      }
      for (let row = column + 1; row < last; row++) {
        const at = row * stride + column
        const left = factor[at]
        const right = factor[at + 1]
        factor[at] = cosine * left + sine * right
        factor[at + 1] = cosine * right - sine * left
      }
    }
  }

  /** `L^-1 b` of right-hand side `index`; only the first `size` values count. Not to be changed by the caller. */
  forward(index: number): Float64Array {
    return this.carried[index]
  }

  /** Makes right-hand side `index` zero. */
  clearRightSide(index: number): void {
    this.carried[index]?.fill(0)
  }

  /** Overwrites the first `size` values of `vector` with `A^-1 vector`. */
  solve(vector: Float64Array): void {
    const { factor, stride, count } = this
    for (let i = 0; i < count; i++) {
      const row = i * stride
      vector[i] = ((vector[i]) - dotRange(factor, row, vector, 0, i)) / (factor[row + i])
    }
    this.solveBackward(vector)
  }

  /** Overwrites the first `size` values of `vector` with `L'^-1 vector`. */
  solveBackward(vector: Float64Array): void {
    const { factor, stride, count } = this
    // By two rows at a time, so that the vector is loaded and stored half as often.
    let i = count - 1
    for (; i > 0; i -= 2) {
      const row = i * stride
      const above = row - stride
      const value = (vector[i]) / (factor[row + i])
      const left = (vector[i - 1]) - value * (factor[row + i - 1])
      const next = left / (factor[above + i - 1])
      vector[i] = value
      vector[i - 1] = next
      for (let j = 0; j < i - 1; j++) {
        vector[j] = (vector[j]) - (value * (factor[row + j]) + next * (factor[above + j]))
      }
    }
    if (i === 0) vector[0] = (vector[0]) / (factor[0])
  }

  private grow(): void {
    const stride = 2 * this.stride
    const factor = new Float64Array(stride * stride)
    for (let i = 0; i < this.count; i++) {
      const from = i * this.stride
      factor.set(this.factor.subarray(from, from + i + 1), i * stride)
    }
    this.carried = this.carried.map((forward) => {
      const longer = new Float64Array(stride)
      longer.set(forward)
      return longer
    })
    this.stride = stride
    this.factor = factor
  }
}
