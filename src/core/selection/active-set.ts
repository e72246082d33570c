import { UpdatableCholesky } from './cholesky.ts'
import { dotRange } from './vector.ts'

/** A row whose part outside the span of the active rows is below this (squared, relative) counts as dependent. */
const DEPENDENCE_TOLERANCE = 1e-13

export interface Entrant {
  readonly position: number
  readonly sign: number
  readonly shift: number
  /** Products of its row with the active ones, by slot. */
  readonly cross: Float64Array
  /** Product of its row with itself. */
  readonly diagonal: number
  readonly row: () => Float64Array
}

/**
 * The features that are free to be non-zero, with the factor of their Gram matrix. A slot is a place in this set; a
 * position is a place in the list of candidates.
 */
export class ActiveSet {
  readonly positions: number[] = []
  /** Sign of the correlation, 1 or -1, by slot. */
  readonly signs: number[] = []
  /** Row of the Gram matrix at all candidates, by slot. */
  readonly rows: Float64Array[] = []
  /** By slot; longer than the set. */
  weights = new Float64Array(64)
  /** Direction of the weights, by slot; scratch between two steps. */
  direction = new Float64Array(64)
  /** Right-hand side 0: the signs; 1: the shifts (zero but while `Homotopy.admit` runs). */
  private readonly factor = new UpdatableCholesky(2)

  get size(): number {
    return this.positions.length
  }

  /** False, and no change, where the row depends on the active ones. */
  join({ position, sign, shift, cross, diagonal, row }: Entrant): boolean {
    if (!this.factor.append(cross, diagonal, DEPENDENCE_TOLERANCE, [sign, shift])) return false
    const slot = this.size
    this.reserve(slot + 1)
    this.positions.push(position)
    this.signs.push(sign)
    this.rows.push(row())
    this.weights[slot] = 0
    return true
  }

  /** Later slots move up by one. */
  drop(slot: number): void {
    const size = this.size
    this.factor.remove(slot)
    this.positions.splice(slot, 1)
    this.signs.splice(slot, 1)
    this.rows.splice(slot, 1)
    this.weights.copyWithin(slot, slot + 1, size)
  }

  /** Overwrites `vector` (by slot) with `G_AA^-1 vector`. */
  solve(vector: Float64Array): void {
    this.factor.solve(vector)
  }

  /** The inner product of the signs with `vector` (by slot). */
  alongSigns(vector: Float64Array): number {
    let sum = 0
    for (let s = 0; s < this.size; s++) sum += (this.signs[s]) * (vector[s])
    return sum
  }

  l1Norm(): number {
    let norm = 0
    for (let s = 0; s < this.size; s++) norm += Math.abs(this.weights[s])
    return norm
  }

  /** Direction of the weights while lambda falls at rate 1; returns the growth of ||w||_1. */
  headDown(): number {
    const forward = this.factor.forward(0)
    for (let s = 0; s < this.size; s++) this.direction[s] = forward[s]
    this.factor.solveBackward(this.direction)
    return dotRange(forward, 0, forward, 0, this.size)
  }

  /** Direction of the weights while the shifts come in at constant ||w||_1; returns the rate at which lambda rises. */
  headAcross(): number {
    const signs = this.factor.forward(0)
    const shifts = this.factor.forward(1)
    const rise = dotRange(signs, 0, shifts, 0, this.size) / dotRange(signs, 0, signs, 0, this.size)
    for (let s = 0; s < this.size; s++) this.direction[s] = (shifts[s]) - rise * (signs[s])
    this.factor.solveBackward(this.direction)
    return rise
  }

  clearShifts(): void {
    this.factor.clearRightSide(1)
  }

  /** Weights += step * direction. */
  move(step: number): void {
    for (let s = 0; s < this.size; s++) {
      this.weights[s] = (this.weights[s]) + step * (this.direction[s])
    }
  }

  /** The first slot whose weight meets zero within less than `limit`. */
  nextDrop(limit: number): { slot: number; step: number } | undefined {
    const { signs, direction, weights, size } = this
    let best = limit
    let slot = -1
    for (let s = 0; s < size; s++) {
      const speed = (signs[s]) * (direction[s])
      if (speed >= 0) continue
      const reach = Math.max(0, (signs[s]) * (weights[s])) / -speed
      if (reach >= best) continue
      best = reach
      slot = s
    }
    return slot < 0 ? undefined : { slot, step: best }
  }

  private reserve(size: number): void {
    if (size <= this.weights.length) return
    this.weights = doubled(this.weights)
    this.direction = doubled(this.direction)
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(2 * values.length)
  longer.set(values)
  return longer
}
