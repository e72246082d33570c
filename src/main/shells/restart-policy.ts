/** Crashes within this time are counted together, milliseconds. */
const WINDOW = 2 * 60_000

/** How long to wait before the first, second and third restart, milliseconds; after that there is none. */
const DELAYS = [0, 1000, 4000] as const

export type Decision =
  | { readonly restart: true; readonly delay: number; readonly crashes: readonly number[] }
  | { readonly restart: false; readonly crashes: readonly number[] }

/**
 * What to do after a crash at `now` (milliseconds). An engine that crashes again and again is not restarted for ever:
 * each start takes memory and time, and the person in front of it should hear of it instead.
 *
 * @param earlier Times of the crashes before.
 */
export function afterCrash(earlier: readonly number[], now: number): Decision {
  const recent = earlier.filter((time) => now - time < WINDOW)
  const crashes = [...recent, now]
  if (recent.length >= DELAYS.length) return { restart: false, crashes }
  return { restart: true, delay: DELAYS[recent.length], crashes }
}
