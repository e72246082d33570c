/** Waits until the page has nothing else to do; `setTimeout` where a browser cannot tell. */
export type Idle = (work: () => void) => void

/** Longest wait for a page that is never idle, milliseconds. */
const AT_LATEST = 2000

/** A page whose tab is hidden is idle all the time, and a busy one at the latest after `AT_LATEST`. */
export const whenIdle: Idle = (work) => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: AT_LATEST })
  else setTimeout(work)
}

/**
 * Loads parts of the program that will be needed, one after another and each in an idle moment, so that opening a
 * screen for the first time does not wait for its program. A part that cannot be loaded is left to who needs it, and
 * who tells the user so.
 */
export async function prefetch(parts: readonly (() => Promise<unknown>)[], idle: Idle = whenIdle): Promise<void> {
  for (const load of parts) {
    await new Promise<void>((go) => idle(go))
    await load().catch(() => {})
  }
}
