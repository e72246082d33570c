/** Our own scheme. A page from `file://` could read other files; one from here reads what the shell answers. */
export const SCHEME = 'vebi'
const PAGE_HOST = 'app'
export const PAGE_ADDRESS = `${SCHEME}://${PAGE_HOST}/index.html`

/** What Chromium is told about the scheme before it starts. */
export const PRIVILEGES = {
  standard: true,
  secure: true,
  supportFetchAPI: true,
  codeCache: true,
  bypassCSP: false,
  corsEnabled: false,
  allowServiceWorkers: false,
  allowExtensions: false,
} as const

/** Whether an address is of our own page. */
export function isOwnAddress(address: string): boolean {
  // URL gives an opaque origin for schemes that it does not know.
  const url = URL.parse(address)
  return url !== null && url.protocol === `${SCHEME}:` && url.host === PAGE_HOST && url.username === ''
}

/** Whether the page's session may load this at all: nothing remote is ever loaded. */
export function mayLoad(address: string, development: boolean): boolean {
  if (isOwnAddress(address) || isOwnBlob(address) || address.startsWith('data:')) return true
  return development && address.startsWith('devtools://')
}

/** Whether the page may have this saved as a file: what it made itself, and nothing that an address alone can name. */
export function maySave(address: string): boolean {
  return isOwnBlob(address)
}

function isOwnBlob(address: string): boolean {
  return address.startsWith(`blob:${SCHEME}://${PAGE_HOST}/`)
}

/** Of Electron's WebFrameMain, what is looked at. */
export interface SenderFrame {
  readonly url: string
  readonly parent: unknown
}

/** Whether a message comes from the main frame of our page; null: the frame is gone already. */
export function isTrustedSender(frame: SenderFrame | null): boolean {
  return frame !== null && frame.parent === null && isOwnAddress(frame.url)
}
