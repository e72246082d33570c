import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, securityHeaders } from './page-policy.ts'

function directives(policy: string): Map<string, string[]> {
  return new Map(
    policy.split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ')
      return [name, sources]
    }),
  )
}

describe.each(['desktop', 'browser'] as const)('the Content-Security-Policy of the %s', (shell) => {
  const policy = directives(contentSecurityPolicy(shell))

  it('allows nothing that it does not name', () => expect(policy.get('default-src')).toEqual(["'none'"]))

  it('takes scripts from our own files alone, and evaluates none', () => {
    expect(policy.get('script-src')).toEqual(["'self'"])
    expect(policy.get('style-src')).toEqual(["'self'"])
    expect([...policy.values()].flat()).not.toContain("'unsafe-eval'")
    const inline = [...policy].filter(([, sources]) => sources.includes("'unsafe-inline'")).map(([name]) => name)
    expect(inline).toEqual(['style-src-attr'])
  })

  it('names no other origin and no wildcard', () => {
    const sources = new Set([...policy.values()].flat())
    expect([...sources].filter((source) => !/^'(none|self|unsafe-inline)'$|^(data|blob):$/.test(source))).toEqual([])
  })

  it.each(['object-src', 'base-uri', 'form-action', 'frame-ancestors'])('forbids %s', (name) => {
    expect(policy.get(name)).toEqual(["'none'"])
  })

  it('comes with the headers that keep the page to itself', () => {
    expect(securityHeaders(shell)).toMatchObject({
      'Content-Security-Policy': contentSecurityPolicy(shell),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    })
  })
})

it('lets the desktop page connect to nothing at all', () => {
  expect(directives(contentSecurityPolicy('desktop')).get('connect-src')).toEqual(["'none'"])
  expect(directives(contentSecurityPolicy('browser')).get('connect-src')).toEqual(["'self'"])
})
