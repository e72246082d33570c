/** Places on a slider from 0 to 1 for values of mu, and back. */
export interface MuScale {
  readonly kind: 'linear' | 'log'
  /** Lowest mu; above 0 on a logarithmic scale. */
  readonly low: number
  readonly high: number
}

/** Decades of a logarithmic scale at most: what lies below is a handful of features. */
const MOST_DECADES = 3
/** A path that begins its second feature this many times below the end needs a logarithmic scale. */
const WIDE = 50

/**
 * The scale from the path's second feature (logarithmic) or from 0 (linear) to `high`.
 *
 * @param breakpoints mu of the path, rising from 0.
 */
export function muScale(kind: MuScale['kind'], breakpoints: ArrayLike<number>, high: number): MuScale {
  if (kind === 'linear') return { kind, low: 0, high }
  const second = breakpoints[1] ?? 0
  const floor = high / 10 ** MOST_DECADES
  return { kind, low: second > 0 && second < high ? Math.max(second, floor) : floor, high }
}

/** Which scale shows most of the breakpoints apart. */
export function suitableKind(breakpoints: ArrayLike<number>, high: number): MuScale['kind'] {
  const middle = breakpoints[Math.floor(breakpoints.length / 2)] ?? high
  return middle > 0 && high / middle > WIDE ? 'log' : 'linear'
}

export function placeOf({ kind, low, high }: MuScale, mu: number): number {
  const place = kind === 'log' ? Math.log(Math.max(mu, low) / low) / Math.log(high / low) : (mu - low) / (high - low)
  return Math.min(1, Math.max(0, place))
}

/** The mu at a place, to three digits, so that it can be typed again. */
export function muAt({ kind, low, high }: MuScale, place: number): number {
  if (place >= 1) return high
  const mu = kind === 'log' ? low * (high / low) ** place : low + (high - low) * place
  return Number(mu.toPrecision(3))
}

/** The first of 1, 2, 5, 10, 20, 50, ... that is not below. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9)
  return ([1, 2, 5, 10].find((digit) => value <= digit * power * (1 + 1e-9)) ?? 10) * power
}

/** Ends of the slider that are offered: twice, five and twenty times mu, rounded up. */
export function rangesFor(mu: number): number[] {
  return [2, 5, 20].map((times) => roundUp(times * mu))
}

/**
 * The nearest breakpoint above (`direction` 1) or below (-1), where a feature comes or goes; null where there is none.
 * Six digits tell it apart from its neighbours and can be read.
 */
export function nextBreakpoint(breakpoints: Float64Array, mu: number, direction: 1 | -1): number | null {
  const tolerance = 2e-6 * Math.max(mu, 1e-6)
  const found =
    direction === 1
      ? breakpoints.find((value) => value > mu + tolerance)
      : breakpoints.findLast((value) => value < mu - tolerance)
  return found === undefined ? null : Number(found.toPrecision(6))
}
