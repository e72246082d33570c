import { describe, expect, it } from 'vitest'
import { isOwnAddress, isTrustedSender, mayLoad, PAGE_ADDRESS, PRIVILEGES } from './origin.ts'

const FOREIGN = [
  '',
  'about:blank',
  'https://attacker.example/',
  'http://127.0.0.1:4310/',
  'file:///etc/passwd',
  'vebi://other/index.html',
  'vebi://app.attacker.example/',
  'vebi://user@app/',
  'vebi:app/index.html',
  'javascript:alert(1)',
  'data:text/html,hello',
]

describe('isOwnAddress', () => {
  it.each([PAGE_ADDRESS, `${PAGE_ADDRESS}#/features/3`, 'vebi://app/image/test/1?side=3'])('%s', (address) => {
    expect(isOwnAddress(address)).toBe(true)
  })

  it.each(FOREIGN)('not %s', (address) => expect(isOwnAddress(address)).toBe(false))
})

describe('mayLoad', () => {
  it.each([PAGE_ADDRESS, 'blob:vebi://app/8d7f', 'data:image/png;base64,AA'])('%s', (address) => {
    expect(mayLoad(address, false)).toBe(true)
  })

  it.each([...FOREIGN.slice(0, -1), 'blob:https://attacker.example/1', 'ws://127.0.0.1:1/', 'devtools://devtools/x'])(
    'not %s',
    (address) => expect(mayLoad(address, false)).toBe(false),
  )

  it('the developer tools, in development alone', () => expect(mayLoad('devtools://devtools/x', true)).toBe(true))
})

describe('isTrustedSender', () => {
  it('is the main frame of our page', () => expect(isTrustedSender({ url: PAGE_ADDRESS, parent: null })).toBe(true))

  it('is neither a frame within it, nor one that is gone, nor another page', () => {
    expect(isTrustedSender({ url: PAGE_ADDRESS, parent: {} })).toBe(false)
    expect(isTrustedSender(null)).toBe(false)
    for (const url of FOREIGN) expect(isTrustedSender({ url, parent: null })).toBe(false)
  })
})

it('our scheme is a standard, secure one that stays within the policy', () => {
  expect(PRIVILEGES).toMatchObject({ standard: true, secure: true, bypassCSP: false, allowServiceWorkers: false })
})
