import type { Interval } from '../../../core/bootstrap.ts'

/** How numbers are written in the sentences of the checks. */

export function decimal(value: number, decimals = 3): string {
  const text = value.toFixed(decimals)
  // A rounded negative zero.
  return Number(text) === 0 ? (0).toFixed(decimals) : text
}

/** `0.214 (95 % interval 0.201 to 0.227)` */
export function withInterval({ value, low, high }: Interval, decimals = 3): string {
  return `${decimal(value, decimals)} (95 % interval ${decimal(low, decimals)} to ${decimal(high, decimals)})`
}

/** What an interval says of 0. */
export function side({ low, high }: Interval): 'above' | 'below' | 'around' {
  if (low > 0) return 'above'
  return high < 0 ? 'below' : 'around'
}

/** `1 image`, `200 images` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** JSON has no NaN. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** As it stands within a sentence: `Deconv+GB` keeps its capital, `Random map` does not. */
export function withinSentence(name: string): string {
  return /^(Deconv|Sobel)/.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1)
}
