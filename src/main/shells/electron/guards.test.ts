import { describe, expect, it, vi } from 'vitest'
import type { guardPage } from './guards.ts'
import { guardContents, guardSession } from './guards.ts'

type Listener = (...args: unknown[]) => unknown
type Guarded = Parameters<typeof guardSession>[0]

function fakeSession(): { session: Guarded; set: Record<string, Listener>; on: Record<string, Listener> } {
  const set: Record<string, Listener> = {}
  const on: Record<string, Listener> = {}
  const keep = (name: string) => (listener: Listener) => void (set[name] = listener)
  const session = {
    setPermissionRequestHandler: keep('permission'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('display'),
    setSpellCheckerEnabled: (enabled: boolean) => void (set['spelling'] = () => enabled),
    webRequest: { onBeforeRequest: keep('request') },
    on: (name: string, listener: Listener) => void (on[name] = listener),
  } as unknown as Guarded
  return { session, set, on }
}

describe('a session', () => {
  const { session, set, on } = fakeSession()
  guardSession(session, false)

  it.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem', 'fullscreen'])(
    'grants no %s',
    (permission) => {
      const decide = vi.fn()
      set['permission']({}, permission, decide)
      expect(decide).toHaveBeenCalledExactlyOnceWith(false)
      expect(set['check']({}, permission)).toBe(false)
    },
  )

  it('grants no device and no screen', () => {
    expect(set['device']({})).toBe(false)
    const decide = vi.fn()
    set['display']({}, decide)
    expect(decide).toHaveBeenCalledExactlyOnceWith({})
    expect(set['spelling']()).toBe(false)
  })

  it.each([
    ['vebi://app/assets/a.js', false],
    ['https://attacker.example/a.js', true],
    ['file:///etc/passwd', true],
  ])('asked for %s cancels: %s', (url, cancel) => {
    const decide = vi.fn()
    set['request']({ url }, decide)
    expect(decide).toHaveBeenCalledExactlyOnceWith({ cancel })
  })

  it.each([
    ['blob:vebi://app/1', false],
    ['data:image/png;base64,AA', true],
    ['blob:vebi://app.attacker.example/1', true],
    ['blob:vebi://other/1', true],
    ['blob:null/1', true],
    ['', true],
    ['vebi://app/index.html', true],
    ['https://attacker.example/program.exe', true],
    ['blob:https://attacker.example/1', true],
  ])('asked to save %s refuses: %s', (url, refused) => {
    const preventDefault = vi.fn()
    on['will-download']({ preventDefault }, { getURL: () => url })
    expect(preventDefault).toHaveBeenCalledTimes(refused ? 1 : 0)
  })
})

describe('a page', () => {
  const listeners: Record<string, Listener> = {}
  let opener: Listener = () => {}
  const contents = {
    on: (name: string, listener: Listener) => void (listeners[name] = listener),
    setWindowOpenHandler: (handler: Listener) => void (opener = handler),
  } as unknown as Parameters<typeof guardPage>[0]

  it('is guarded when it is made, whoever makes it', () => {
    guardContents({
      on: (name: string, listener: Listener) => {
        if (name === 'web-contents-created') listener({}, contents)
      },
    } as unknown as Parameters<typeof guardContents>[0])
    expect(opener({ url: 'https://attacker.example/' })).toEqual({ action: 'deny' })
  })

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('%s is denied', (name) => {
    const preventDefault = vi.fn()
    listeners[name]({ preventDefault, url: 'vebi://app/index.html' })
    expect(preventDefault).toHaveBeenCalledOnce()
  })
})
