import { ActiveSet } from './active-set.ts'
import { addCombination } from './vector.ts'

/** Rates closer to the rate of lambda than this, relatively, do not cross it within a segment. */
const RATE_TOLERANCE = 1e-10
/** A correlation this close to lambda, relatively, has met it. */
const TIE_TOLERANCE = 1e-12
/** Below this part of its first value lambda is rounding: the path has ended. */
const NOISE = 1e-14
/** How far, relative to lambda, a dependent row may differ from the rows that represent it. */
const CONSISTENCY_TOLERANCE = 1e-9
/** A step shorter than this part of the way counts as none. */
const ZERO_STEP = 1e-13

export interface HomotopyProblem {
  /** X X', `[size, size]`, row-major, symmetric. */
  readonly gram: Float64Array
  readonly size: number
  /** X l, `[size]`. */
  readonly q: Float64Array
  /** Distinct feature indexes that may become non-zero, none with a zero diagonal in the Gram matrix. */
  readonly candidates: Int32Array
  readonly nonnegative: boolean
}

export interface HomotopyLimits {
  /** Stop where `||w||_1` reaches it. */
  readonly mu: number
  /** Stop where lambda falls to it; 0 is the unconstrained least-squares solution. */
  readonly minLambda: number
  readonly maxSteps: number
}

export interface SparsePoint {
  readonly lambda: number
  readonly l1Norm: number
  /** Feature indexes of the active set, unsorted; one that is about to join may weigh zero. */
  readonly indices: Int32Array
  readonly values: Float64Array
}

/** `steps`: the limit of steps came first. */
export type HomotopyEnd = 'mu' | 'lambda' | 'steps'

/** `tie`: an event without a step worth the name. */
type Advance = 'limit' | 'event' | 'tie'

interface Join {
  readonly position: number
  readonly step: number
  readonly sign: number
}

/** State of a candidate. */
const WAITING = 0
const ACTIVE = 1
const DEPENDENT = 2

/**
 * A walk along exact solutions of `min 1/2 w'Gw - q'w + lambda ||w||_1`. `descend` starts at `w = 0`; `admit` goes
 * on from a solution when further candidates appear.
 */
export class Homotopy {
  lambda = 0
  steps = 0
  private readonly problem: HomotopyProblem
  private readonly noise: number
  private readonly active = new ActiveSet()
  private candidates: Int32Array
  /** The candidates are 0, 1, .. size - 1, so that a row of the Gram matrix serves as it lies. */
  private everything: boolean
  /** q at the candidates; while `admit` runs, not yet all of it. */
  private linear: Float64Array
  /** linear - G w at the candidates. */
  private correlation: Float64Array
  /** Rate at which the correlations fall along the present direction. */
  private fall: Float64Array
  private state: Uint8Array
  /** Sign (1 or -1) on which a candidate must not rejoin before the next positive step; else 0. */
  private blocked: Int8Array
  private anyBlocked = false
  private anyDependent = false
  /** Length of all steps so far, in the parameter of each walk. */
  private distance = 0
  /** What `admit` has to add to `linear` in all, while it runs. */
  private shift: Float64Array | undefined
  private stuck = false
  /** The position that joined in the last event, or -1. */
  private newest = -1

  constructor(problem: HomotopyProblem) {
    const { candidates, size, q } = problem
    this.problem = problem
    this.candidates = candidates
    this.everything = candidates.length === size && candidates.every((index, p) => index === p)
    this.linear = Float64Array.from(candidates, (index) => q[index])
    this.correlation = this.linear.slice()
    this.fall = new Float64Array(candidates.length)
    this.state = new Uint8Array(candidates.length)
    this.blocked = new Int8Array(candidates.length)
    for (const value of this.linear) {
      this.lambda = Math.max(this.lambda, problem.nonnegative ? value : Math.abs(value))
    }
    this.noise = NOISE * this.lambda
  }

  point(): SparsePoint {
    return {
      lambda: this.lambda,
      l1Norm: this.active.l1Norm(),
      indices: Int32Array.from(this.active.positions, (p) => this.candidates[p]),
      values: this.active.weights.slice(0, this.active.size),
    }
  }

  /**
   * Follows the piecewise linear path from `w = 0` downwards in lambda (Osborne, Presnell and Turlach 2000, "A new
   * approach to variable selection in least squares problems"; LARS with the lasso modification), and stops inside
   * the segment where a limit is met. Costs O(candidates * active) for each step. `onBreakpoint` sees every end of a
   * segment of positive length.
   */
  descend(limits: HomotopyLimits, onBreakpoint?: (point: SparsePoint) => void): HomotopyEnd {
    const { active } = this
    const floor = Math.max(limits.minLambda, this.noise)
    onBreakpoint?.(this.point())
    let end: HomotopyEnd = 'steps'
    if (this.lambda <= limits.minLambda) end = 'lambda'
    else if (limits.mu <= 0) end = 'mu'
    while (end === 'steps' && this.steps < limits.maxSteps) {
      this.steps++
      const growth = active.headDown()
      this.fall.fill(0)
      addCombination(active.rows, active.direction, active.size, this.fall)
      let limit = Math.max(0, this.lambda - floor)
      const room = Math.max(0, limits.mu - active.l1Norm())
      const bounded = growth > 0 && room <= limit * growth
      if (bounded) limit = room / growth
      const moved = this.advance(limit, 1, RATE_TOLERANCE, ZERO_STEP * this.lambda)
      if (moved === 'limit') end = bounded ? 'mu' : 'lambda'
      else if (moved === 'event') onBreakpoint?.(this.point())
    }
    this.polish(end === 'mu' ? limits.mu : undefined, limits.minLambda)
    onBreakpoint?.(this.point())
    return end
  }

  /**
   * From the solution at `||w||_1 = mu` for the present candidates to the one for these and `extra`, whose
   * correlations are given: as much of q is taken back as lifts the extra candidates above lambda, and let in again
   * along a straight line, on which the solutions are piecewise linear too. Returns false where the constraint stops
   * binding on the way, a dependent row would have to replace another, or `maxSteps` are done; the walk is then of no
   * further use.
   */
  admit(extra: Int32Array, correlations: Float64Array, mu: number, maxSteps: number): boolean {
    const { active } = this
    const shift = this.extend(extra, correlations)
    this.shift = shift
    const lastStep = this.steps + maxSteps
    for (let remaining = 1; remaining > 0; ) {
      if (this.steps >= lastStep || this.stuck || active.size === 0) return false
      this.steps++
      const rise = active.headAcross()
      for (let p = 0; p < shift.length; p++) this.fall[p] = -(shift[p])
      addCombination(active.rows, active.direction, active.size, this.fall)
      if (this.lambda + rise * remaining <= this.noise) return false
      const before = this.distance
      const moved = this.advance(remaining, -rise, RATE_TOLERANCE * this.lambda, ZERO_STEP)
      const step = this.distance - before
      for (let p = 0; p < shift.length; p++) this.linear[p] = (this.linear[p]) + step * (shift[p])
      remaining = moved === 'limit' ? 0 : remaining - step
    }
    for (let p = 0; p < shift.length; p++) this.linear[p] = this.problem.q[this.candidates[p]]
    this.shift = undefined
    active.clearShifts()
    this.polish(mu, 0)
    return true
  }

  /** Adds candidates, those above lambda brought down to it; returns what was taken from `linear`. */
  private extend(extra: Int32Array, correlations: Float64Array): Float64Array {
    const { active, problem } = this
    const { gram, size, q, nonnegative } = problem
    const before = this.candidates.length
    const width = before + extra.length
    this.candidates = Int32Array.from([...this.candidates, ...extra])
    this.everything = false
    this.linear = lengthened(this.linear, width)
    this.correlation = new Float64Array(width)
    this.fall = new Float64Array(width)
    this.blocked = new Int8Array(width)
    this.anyBlocked = false
    const state = new Uint8Array(width)
    state.set(this.state)
    this.state = state
    for (let s = 0; s < active.size; s++) {
      const row = lengthened(active.rows[s], width)
      const start = (this.candidates[active.positions[s]]) * size
      for (let p = before; p < width; p++) row[p] = gram[start + (this.candidates[p])]
      active.rows[s] = row
    }
    const shift = new Float64Array(width)
    for (let p = before; p < width; p++) {
      const correlation = correlations[p - before]
      const sign = correlation < 0 && !nonnegative ? -1 : 1
      shift[p] = sign * Math.max(0, sign * correlation - this.lambda)
      this.linear[p] = (q[extra[p - before]]) - (shift[p])
    }
    this.recomputeCorrelation()
    this.newest = -1
    return shift
  }

  /**
   * Moves along the present direction, on which lambda falls at rate `lambdaFall`, by `limit` or to the next event
   * and applies it.
   */
  private advance(limit: number, lambdaFall: number, rateTolerance: number, zeroStep: number): Advance {
    const { active, correlation, fall } = this
    const drop = active.nextDrop(limit)
    const join = this.nextJoin(drop?.step ?? limit, lambdaFall, rateTolerance)
    const step = join?.step ?? drop?.step ?? limit
    for (let p = 0; p < fall.length; p++) correlation[p] = (correlation[p]) - step * (fall[p])
    active.move(step)
    this.lambda -= step * lambdaFall
    this.distance += step
    this.newest = -1
    const moved = step > zeroStep
    if (moved && this.anyBlocked) {
      this.blocked.fill(0)
      this.anyBlocked = false
    }
    if (join !== undefined) this.join(join)
    else if (drop !== undefined) this.drop(drop.slot)
    else return 'limit'
    return moved ? 'event' : 'tie'
  }

  /**
   * The first candidate whose correlation meets lambda within less than `limit`. Of several that have met it already
   * the one that would exceed it fastest: any other order may leave through the wrong face of a degenerate vertex.
   */
  private nextJoin(limit: number, lambdaFall: number, rateTolerance: number): Join | undefined {
    const { correlation, fall, state, blocked, lambda } = this
    const lastSide = this.problem.nonnegative ? 1 : -1
    const tie = TIE_TOLERANCE * lambda
    let best = limit
    let position = -1
    let sign = 1
    let urgency = 0
    let tied = -1
    let tiedSign = 1
    for (let p = 0; p < correlation.length; p++) {
      if (state[p] !== WAITING) continue
      for (let side = 1; side >= lastSide; side -= 2) {
        const closing = lambdaFall - side * (fall[p])
        if (blocked[p] === side || closing <= rateTolerance) continue
        const distance = lambda - side * (correlation[p])
        if (distance <= tie) {
          if (closing <= urgency) continue
          urgency = closing
          tied = p
          tiedSign = side
        } else if (distance < best * closing) {
          best = distance / closing
          position = p
          sign = side
        }
      }
    }
    if (tied >= 0) return { position: tied, step: 0, sign: tiedSign }
    return position < 0 ? undefined : { position, step: best, sign }
  }

  private join({ position, sign }: Join): void {
    const { active, candidates } = this
    const { gram, size } = this.problem
    const start = (candidates[position]) * size
    const cross = new Float64Array(active.size)
    for (let s = 0; s < cross.length; s++) {
      cross[s] = gram[start + (candidates[active.positions[s]])]
    }
    const diagonal = gram[start + (candidates[position])]
    const shift = this.shift?.[position] ?? 0
    if (active.join({ position, sign, shift, cross, diagonal, row: () => this.gatherRow(start) })) {
      this.state[position] = ACTIVE
      this.newest = position
    } else {
      // A dependent row whose correlation equals lambda stays tied to it for as long as the active set does not
      // shrink: it is represented by the active rows. Not so where `admit` took back more or less than their share.
      this.state[position] = DEPENDENT
      this.anyDependent = true
      if (this.shift !== undefined && !this.isRepresented(position, cross, this.shift)) this.stuck = true
    }
  }

  private isRepresented(position: number, cross: Float64Array, shift: Float64Array): boolean {
    const { active } = this
    active.solve(cross)
    let represented = 0
    for (let s = 0; s < active.size; s++) {
      represented += (cross[s]) * (shift[active.positions[s]])
    }
    return Math.abs((shift[position]) - represented) <= CONSISTENCY_TOLERANCE * this.lambda
  }

  private drop(slot: number): void {
    const { active, state } = this
    const position = active.positions[slot]
    if (position === this.newest) {
      // It joined and would move to the wrong side at once: rounding decides, so it waits for the next real step.
      this.blocked[position] = active.signs[slot]
      this.anyBlocked = true
    }
    active.drop(slot)
    state[position] = WAITING
    if (!this.anyDependent) return
    for (let p = 0; p < state.length; p++) if (state[p] === DEPENDENT) state[p] = WAITING
    this.anyDependent = false
  }

  /**
   * Iterative refinement for the active set and signs as they are: to `||w||_1 = mu`, or to the given lambda where mu
   * is undefined. Weights that rounding carried across zero become zero.
   */
  private polish(mu: number | undefined, lambda: number): void {
    const { active, correlation } = this
    const { weights, signs, positions, size } = active
    if (size === 0) return
    const unit = Float64Array.from(signs)
    active.solve(unit)
    const growth = active.alongSigns(unit)
    const correction = new Float64Array(size)
    for (let round = 0; round < 2; round++) {
      this.recomputeCorrelation()
      for (let s = 0; s < size; s++) {
        correction[s] = (correlation[positions[s]]) - (signs[s]) * this.lambda
      }
      active.solve(correction)
      const before = this.lambda
      const norm = active.alongSigns(weights) + active.alongSigns(correction)
      this.lambda = mu === undefined ? lambda : Math.max(0, before + (norm - mu) / growth)
      for (let s = 0; s < size; s++) {
        weights[s] = (weights[s]) + (correction[s]) + (before - this.lambda) * (unit[s])
      }
    }
    // At lambda = 0 without a sign constraint either sign is right.
    if (this.lambda === 0 && !this.problem.nonnegative) return
    for (let s = 0; s < size; s++) if ((weights[s]) * (signs[s]) < 0) weights[s] = 0
  }

  private recomputeCorrelation(): void {
    const { active } = this
    this.correlation.set(this.linear)
    const negative = new Float64Array(active.size)
    for (let s = 0; s < negative.length; s++) negative[s] = -(active.weights[s])
    addCombination(active.rows, negative, active.size, this.correlation)
  }

  private gatherRow(start: number): Float64Array {
    const { gram, size } = this.problem
    if (this.everything) return gram.subarray(start, start + size)
    const { candidates } = this
    const row = new Float64Array(candidates.length)
    for (let p = 0; p < row.length; p++) row[p] = gram[start + (candidates[p])]
    return row
  }
}

function lengthened(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length)
  longer.set(values)
  return longer
}
