/** One line of the benchmark's table. */
export interface Measurement {
  readonly name: string
  readonly value: string
  /** What is promised, in words. */
  readonly promise: string
  /** Whether the promise is kept; null where it could not be measured. */
  readonly kept: boolean | null
  /** What stands behind the value. */
  readonly note: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function skipped(name: string, promise: string, reason: string): Measurement {
  return { name, value: 'skipped', promise, kept: null, note: reason }
}

/** Seconds that `work` takes. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Times several ways of doing something in turn, `repeats` rounds; `[round]` for each name. */
export async function interleaved<Name extends string>(
  ways: Readonly<Record<Name, () => unknown>>,
  repeats: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(ways) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < repeats; round++) {
    for (const name of names) times[name].push(await secondsOf(ways[name]))
  }
  return times
}

/** The median over the rounds of one time divided by another of the same round. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((time, round) => time / below[round]))
}

export const seconds = (times: readonly number[]): string => `${median(times).toFixed(2)} s`
