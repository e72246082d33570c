/**
 * @typedef {object} Circumstances
 * @property {NodeJS.Platform} platform
 * @property {NodeJS.ProcessEnv} environment
 * @property {boolean} root Whether the user is root.
 * @property {boolean} installed Whether Electron's program is there.
 * @property {string} [failure] Why fetching it failed, if that was tried.
 */

/**
 * @typedef {object} Decision
 * @property {'desktop' | 'fetch' | 'browser'} open The desktop window, that after fetching Electron, or a browser.
 * @property {boolean} display Whether the system browser can be opened.
 * @property {string} because Why there is no desktop window, one sentence; empty otherwise.
 */

/**
 * What `npm start` opens.
 * @param {Circumstances} circumstances
 * @returns {Decision}
 */
export function decideStart({ platform, environment, root, installed, failure }) {
  const display = platform !== 'linux' || Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])
  /** @type {(because: string) => Decision} */
  const browser = (because) => ({ open: 'browser', display, because })
  if (!display) return browser('There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set.')
  if (platform === 'linux' && root) return browser("Electron's sandbox does not work for the user root.")
  if (installed) return { open: 'desktop', display, because: '' }
  if (failure !== undefined) {
    return browser(`Electron cannot be fetched (${failure}); ELECTRON_MIRROR names another place for it.`)
  }
  if (environment['ELECTRON_SKIP_BINARY_DOWNLOAD']) {
    return browser('Electron is not installed, and ELECTRON_SKIP_BINARY_DOWNLOAD forbids fetching it.')
  }
  return { open: 'fetch', display, because: '' }
}
