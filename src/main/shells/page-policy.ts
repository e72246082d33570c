/** What the page may do, whichever shell shows it. */

export type ShellKind = 'desktop' | 'browser'

/**
 * Content-Security-Policy of the page. No script but our own files, no eval, nothing from elsewhere. Style attributes
 * are allowed, because the tooltips of ECharts are markup with style attributes; style elements are not.
 */
export function contentSecurityPolicy(shell: ShellKind): string {
  const directives: Readonly<Record<string, string>> = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'style-src-attr': "'unsafe-inline'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': shell === 'desktop' ? "'none'" : "'self'",
    'worker-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  }
  return Object.entries(directives).map((directive) => directive.join(' ')).join('; ')
}

/** Headers of everything that a shell answers. */
export function securityHeaders(shell: ShellKind): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(shell),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=()',
  }
}
