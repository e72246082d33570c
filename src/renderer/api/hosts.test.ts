import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../shared/codec.ts'
import type { DesktopBridge } from '../../shared/bridge.ts'
import { VebiError } from '../../shared/errors.ts'
import type { EngineState } from '../../shared/host.ts'
import type { ServerMessage } from '../../shared/web-protocol.ts'
import { browserHost } from './browser.ts'
import { desktopHost } from './desktop.ts'

class FakeEvents extends EventTarget {
  readonly CLOSED = 2
  readyState = 1
  tell(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
}

function browser(
  fetch: (address: string, init: RequestInit) => Promise<Response>,
  { write, selects = true }: { write?: (text: string) => Promise<void>; selects?: boolean } = {},
) {
  const events = new FakeEvents()
  const copied: string[] = []
  const windows: string[] = []
  const host = browserHost({
    fetch,
    openEvents: () => events as unknown as EventSource,
    openWindow: (address) => windows.push(address),
    clipboard: {
      write: write && (async (text) => void (await write(text), copied.push(`new: ${text}`))),
      copySelected: (text) => selects && copied.push(`old: ${text}`) > 0,
    },
  })
  return { host, events, windows, copied }
}

const answered = (reply: unknown): Response => new Response(encode(reply))

describe('the browser host', () => {
  it('posts the call with its typed arrays and gives the result', async () => {
    let sent: unknown
    const { host } = browser(async (address, init) => {
      sent = { address, method: init.method, message: decode(init.body as Uint8Array) }
      return answered({ ok: true, result: { id: 'added/1', name: 'a.png', height: 1, width: 2 } })
    })
    const bytes = Uint8Array.of(1, 2, 3)
    expect(await host.call('images.add', { name: 'a.png', bytes })).toMatchObject({ id: 'added/1' })
    expect(sent).toEqual({
      address: '/api/call',
      method: 'POST',
      message: { name: 'images.add', argument: { name: 'a.png', bytes } },
    })
  })

  it.each([
    ['of the engine', () => answered({ ok: false, error: { code: 'bad-model', sentence: 'It is damaged.' } }), 'bad-model', 'It is damaged.'],
    [
      'of the server',
      () => Response.json({ code: 'bad-argument', sentence: 'It is too large.' }, { status: 413 }),
      'bad-argument',
      'It is too large.',
    ],
    [
      'of something in between',
      () => new Response('<html>', { status: 502 }),
      'internal',
      'vebi serve refused the request with status 502.',
    ],
    [
      'of nobody',
      () => {
        throw new TypeError('failed to fetch')
      },
      'internal',
      'vebi serve does not answer. Check that it still runs on its machine.',
    ],
  ] as const)('turns a refusal %s into an error with its sentence', async (_, respond, code, sentence) => {
    const { host } = browser(async () => respond())
    const error = await host.call('project.info').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(VebiError)
    expect(error).toMatchObject({ code, message: sentence })
  })

  it('tells events to those that listen, until they end it', () => {
    const { host, events } = browser(async () => answered(null))
    const heard: unknown[] = []
    const end = host.on('project.changed', (project) => heard.push(project))
    events.tell({ kind: 'event', name: 'project.changed', payload: null })
    events.tell({ kind: 'event', name: 'project.progress', payload: { phase: 'read', done: 1, total: 2 } })
    end()
    events.tell({ kind: 'event', name: 'project.changed', payload: null })
    expect(heard).toEqual([null])
  })

  it('tells the state of the engine at once, and when the connection is lost for now or for good', () => {
    const { host, events } = browser(async () => answered(null))
    const heard: EngineState['state'][] = []
    host.onEngineState(({ state }) => heard.push(state))
    events.tell({ kind: 'engine', state: { state: 'running', sentence: '' } })
    events.readyState = 0
    events.dispatchEvent(new Event('error'))
    events.readyState = 2
    events.dispatchEvent(new Event('error'))
    expect(heard).toEqual(['starting', 'running', 'restarting', 'lost'])
  })

  it('opens the links of the list', () => {
    const { host, windows } = browser(async () => answered(null))
    host.openLink('paper')
    expect(windows).toEqual(['https://arxiv.org/abs/1712.06302'])
  })

  it('copies text in the way that the browser allows, and says where it allows none', async () => {
    const silent = async (): Promise<Response> => answered(null)
    const denied = (): Promise<void> => Promise.reject(new DOMException('denied', 'NotAllowedError'))
    const modern = browser(silent, { write: async () => {} })
    await modern.host.copyText('a')
    const old = browser(silent)
    await old.host.copyText('b')
    const asked = browser(silent, { write: denied })
    await asked.host.copyText('c')
    expect([modern.copied, old.copied, asked.copied]).toEqual([['new: a'], ['old: b'], ['old: c']])
    const neither = browser(silent, { write: denied, selects: false })
    await expect(neither.host.copyText('d')).rejects.toMatchObject({
      message: 'The text cannot be put into the clipboard here: select it and copy it by hand.',
    })
  })
})

describe('the desktop host', () => {
  const bridge = (methods: Partial<DesktopBridge['methods']>) => ({ methods, events: {} }) as DesktopBridge

  it('calls the function of the method and turns its refusal into an error', async () => {
    const host = desktopHost(
      bridge({
        'project.info': async () => ({ ok: true, result: null }),
        'project.open': async () => ({ ok: false, error: { code: 'busy', sentence: 'Close it first.' } }),
      }),
    )
    expect(await host.call('project.info')).toBe(null)
    await expect(host.call('project.open', { folder: '/a' })).rejects.toMatchObject({
      code: 'busy',
      message: 'Close it first.',
    })
  })

  it('copies through the shell, and says where that refuses', async () => {
    const texts: string[] = []
    const copyText = async (text: string): Promise<boolean> => text.length < 10 && texts.push(text) > 0
    const host = desktopHost({ ...bridge({}), copyText })
    await host.copyText('short')
    await expect(host.copyText('much too long')).rejects.toMatchObject({ code: 'bad-argument' })
    expect(texts).toEqual(['short'])
  })
})
