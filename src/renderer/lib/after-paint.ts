/** At the latest after so long: a hidden page paints nothing. Milliseconds. */
const AT_LATEST = 100

/** Resolves once what is on the page by now has been painted. */
export function afterPaint(): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, AT_LATEST)
    requestAnimationFrame(() => {
      // The frame that this begins is painted before another task runs.
      setTimeout(() => {
        clearTimeout(timer)
        done()
      })
    })
  })
}
