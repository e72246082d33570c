/** Longest wait for a page that is never idle, milliseconds. */
const AT_LATEST = 2000

/**
 * Resolves once the page has nothing else to do, at the latest after `AT_LATEST`; a page whose tab is hidden is idle
 * all the time. At the next turn where a browser cannot tell.
 */
export function whenIdle(): Promise<void> {
  return new Promise((done) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => done(), { timeout: AT_LATEST })
    else setTimeout(done)
  })
}
