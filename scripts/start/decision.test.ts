import { describe, expect, it } from 'vitest'
import { decideStart } from './decision.mjs'
import { fetchElectron, reasonIn } from './electron.mjs'

const plain = { platform: 'linux', environment: { DISPLAY: ':0' }, root: false, installed: true } as const

describe('npm start', () => {
  it('opens the desktop window where Electron and a display are there', () => {
    expect(decideStart(plain)).toEqual({ open: 'desktop', display: true, because: '' })
    expect(decideStart({ ...plain, environment: { WAYLAND_DISPLAY: 'wayland-0' } }).open).toBe('desktop')
    expect(decideStart({ ...plain, platform: 'darwin', environment: {} }).open).toBe('desktop')
  })

  it('fetches Electron once, and says why where that failed', () => {
    expect(decideStart({ ...plain, installed: false }).open).toBe('fetch')
    const { open, display, because } = decideStart({ ...plain, installed: false, failure: 'no network' })
    expect([open, display]).toEqual(['browser', true])
    expect(because).toContain('no network')
  })

  it.each([
    [{ environment: {} }, false, 'no display'],
    [{ root: true }, true, 'root'],
    [
      { installed: false, environment: { DISPLAY: ':0', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' } },
      true,
      'ELECTRON_SKIP_BINARY_DOWNLOAD',
    ],
  ])('opens a browser with %o and says why', (change, display, reason) => {
    const decision = decideStart({ ...plain, ...change })
    expect(decision).toMatchObject({ open: 'browser', display })
    expect(decision.because).toContain(reason)
    expect(decision.because).toMatch(/^[A-Z].*\.$/)
  })

  it('does not fetch what could not be shown', () => {
    expect(decideStart({ ...plain, installed: false, environment: {} }).open).toBe('browser')
  })
})

it('the reason of a failed fetch is one line', () => {
  const text = '\nRequestError: getaddrinfo ENOTFOUND mirror\n    at ClientRequest.<anonymous> (/x.js:1:2)\n'
  expect(reasonIn(text)).toBe('getaddrinfo ENOTFOUND mirror')
  expect(reasonIn('')).toBe('no reason given')
})

it('without its package Electron is not fetched', async () => {
  expect(await fetchElectron('/nonexistent', process.execPath)).toContain('npm ci')
})
