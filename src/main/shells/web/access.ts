import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may speak with the browser host. */

/** 192 random bits. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Whether a token chosen by hand is long enough not to be guessed, and can stand in an address. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{22,200}$/.test(text)
}

/** Compares in a time that tells nothing of either. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** Cookies are shared by all ports of a machine, so the name tells one host from another. */
export function cookieName(port: number): string {
  return `vebi-${port}`
}

/**
 * Whether the request names this machine itself. A page from elsewhere whose name was pointed at 127.0.0.1 (DNS
 * rebinding) sends its own name here. The port is left open, since a tunnel may have another on its near side.
 */
export function isOwnHost(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(host)
}

export interface Provenance {
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`, which all current browsers send. */
  readonly fetchSite: string | undefined
}

/**
 * Whether a request comes from our own page. Another port of this machine counts as the same site, for which even a
 * strict cookie is sent, so the origin must be the same.
 *
 * @param writing A POST, which always has an origin.
 */
export function isOwnPage({ host, origin, fetchSite }: Provenance, writing: boolean): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  if (origin === undefined) return !writing
  return origin.toLowerCase() === `http://${host?.toLowerCase()}`
}
