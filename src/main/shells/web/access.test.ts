import { describe, expect, it } from 'vitest'
import { isOwnHost, isOwnPage, isToken, newToken, sameToken } from './access.ts'

describe('a token', () => {
  it('has at least 128 bits and is new every time', () => {
    const tokens = Array.from({ length: 100 }, newToken)
    expect(new Set(tokens).size).toBe(100)
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url').length * 8).toBeGreaterThanOrEqual(128)
      expect(isToken(token)).toBe(true)
    }
  })

  it('equals itself alone', () => {
    const token = newToken()
    expect(sameToken(token, token)).toBe(true)
    for (const other of ['', token.slice(1), `${token}x`, token.toLowerCase(), newToken()]) {
      expect(sameToken(other, token)).toBe(false)
    }
  })

  it.each(['', 'short', 'with spaces with spaces with', 'development&token=0123456789'])('is not %s', (text) => {
    expect(isToken(text)).toBe(false)
  })
})

describe('isOwnHost', () => {
  it.each(['127.0.0.1:4310', 'localhost:80', 'LOCALHOST', '[::1]:9000'])('%s is this machine', (host) => {
    expect(isOwnHost(host)).toBe(true)
  })

  it.each([undefined, '', 'attacker.example', 'attacker.example:4310', '127.0.0.1.attacker.example', 'localhost.', '0.0.0.0:1'])(
    '%s is not',
    (host) => expect(isOwnHost(host)).toBe(false),
  )
})

describe('isOwnPage', () => {
  const host = '127.0.0.1:4310'
  const own = 'http://127.0.0.1:4310'

  it.each([
    [{ origin: own, fetchSite: 'same-origin' }, true],
    [{ origin: own, fetchSite: undefined }, true],
    [{ origin: undefined, fetchSite: 'same-origin' }, false],
  ])('takes %o', (from, writing) => expect(isOwnPage({ host, ...from }, writing)).toBe(true))

  it.each([
    [{ origin: undefined, fetchSite: undefined }, true],
    [{ origin: undefined, fetchSite: 'same-site' }, false],
    [{ origin: undefined, fetchSite: 'cross-site' }, false],
    [{ origin: undefined, fetchSite: 'none' }, false],
    [{ origin: 'null', fetchSite: undefined }, true],
    [{ origin: 'http://127.0.0.1:5000', fetchSite: undefined }, false],
    [{ origin: 'https://127.0.0.1:4310', fetchSite: undefined }, true],
    [{ origin: 'http://attacker.example', fetchSite: 'same-origin' }, true],
  ])('refuses %o', (from, writing) => expect(isOwnPage({ host, ...from }, writing)).toBe(false))
})
