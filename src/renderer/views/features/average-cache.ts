import type { Pixels } from '../../lib/matrix-pixels.ts'

/** What a card shows of an average. */
export interface AveragePicture {
  readonly pixels: Pixels
  readonly averagedPatches: number
  readonly distinctImages: number
}

/**
 * Loads the pictures of many cards, a few at a time and in the order in which they are asked for. What nobody waits
 * for any more, because it was scrolled out of sight, is not loaded.
 */
export interface AverageCache<Value> {
  /** Rejects as the loader does, and with an AbortError when the signal is set; a failure is not kept. */
  get(feature: number, signal: AbortSignal): Promise<Value>
}

interface Waiting<Value> {
  readonly feature: number
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

/** @param most Pictures that are kept; the one that was not asked for longest goes first. */
export function averageCache<Value>(
  load: (feature: number) => Promise<Value>,
  { most, parallel }: { most: number; parallel: number },
): AverageCache<Value> {
  const kept = new Map<number, Value>()
  const waiting: Waiting<Value>[] = []
  let running = 0

  async function next(): Promise<void> {
    const [first] = waiting
    if (running >= parallel || !first) return
    const { feature } = first
    const together = waiting.filter((each) => each.feature === feature)
    for (const each of together) waiting.splice(waiting.indexOf(each), 1)
    running++
    try {
      const value = await load(feature)
      kept.set(feature, value)
      const [oldest] = kept.keys()
      if (kept.size > most && oldest !== undefined) kept.delete(oldest)
      for (const { resolve } of together) resolve(value)
    } catch (error) {
      for (const { reject } of together) reject(error)
    } finally {
      running--
      void next()
    }
  }

  return {
    get(feature, signal) {
      const known = kept.get(feature)
      if (known !== undefined) {
        kept.delete(feature)
        kept.set(feature, known)
        return Promise.resolve(known)
      }
      return new Promise<Value>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error)
        const asked = { feature, resolve, reject }
        waiting.push(asked)
        signal.addEventListener(
          'abort',
          () => {
            const at = waiting.indexOf(asked)
            if (at < 0) return
            waiting.splice(at, 1)
            reject(signal.reason as Error)
          },
          { once: true },
        )
        void next()
      })
    },
  }
}
