/**
 * Lets the browser ask before the tab is closed or loaded anew while there is work. The work itself goes on in
 * `vebi serve`; a desktop window, which stops it, asks by itself. The returned function ends it.
 */
export function askBeforeLeaving(window: EventTarget, isWorking: () => boolean): () => void {
  const ask = (event: Event): void => {
    if (isWorking()) event.preventDefault()
  }
  window.addEventListener('beforeunload', ask)
  return () => window.removeEventListener('beforeunload', ask)
}
