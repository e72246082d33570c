import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as channels from '../../../shared/channels.ts'
import { LINKS, MOST_COPIED } from '../../../shared/host.ts'
import { METHOD_NAMES } from '../../../shared/method-names.ts'
import { addressOfLink, answerPage, dialogOptions, mayCopy, type MessageSetting } from './messages.ts'
import { PAGE_ADDRESS } from './origin.ts'

type Listener = (event: unknown, argument?: unknown) => unknown

const state = { state: 'running', sentence: '' } as const
const call = vi.fn((name: string, _argument: unknown) => Promise.resolve({ ok: true as const, result: name }))
const openExternal = vi.fn(() => Promise.resolve())
const writeText = vi.fn(() => Promise.resolve())
const onFault = vi.fn()
const showOpenDialog = vi.fn(() => Promise.resolve({ canceled: false, filePaths: ['/data/p'] }))
const onPathsWanted = vi.fn()

interface Page {
  readonly invoke: (channel: string, argument?: unknown) => Promise<unknown>
  readonly send: (channel: string, argument?: unknown) => void
}

/** A page at an address and the shell, without the process between them. */
function connect(url: string, parent: unknown = null): Page {
  const handlers = new Map<string, Listener>()
  const register = (channel: string, listener: Listener): void => void handlers.set(channel, listener)
  answerPage({
    ipc: { handle: register, on: register } as unknown as MessageSetting['ipc'],
    engine: { call, state },
    shell: { openExternal },
    clipboard: { writeText },
    showOpenDialog,
    onPathsWanted,
    onFault,
  })
  const event = { senderFrame: { url, parent } }
  const handlerOf = (channel: string): Listener => {
    const handler = handlers.get(channel)
    if (!handler) throw new Error(`nobody answers ${channel}`)
    return handler
  }
  return {
    invoke: async (channel, argument) => handlerOf(channel)(event, argument),
    send: (channel, argument) => void handlerOf(channel)(event, argument),
  }
}

const MODEL = { title: 'Model', kind: 'file', extensions: ['json'] } as const

beforeEach(() => {
  for (const done of [call, openExternal, writeText, showOpenDialog, onPathsWanted, onFault]) done.mockClear()
})

describe('our page', () => {
  const page = connect(PAGE_ADDRESS)

  it.each(METHOD_NAMES)('reaches %s', async (name) => {
    expect(await page.invoke(channels.methodChannel(name), { of: name })).toEqual({ ok: true, result: name })
    expect(call).toHaveBeenCalledExactlyOnceWith(name, { of: name })
  })

  it('learns the state of the engine, a chosen path, and the paths that came early', async () => {
    expect(await page.invoke(channels.ENGINE_STATE_NOW)).toEqual(state)
    expect(await page.invoke(channels.CHOOSE_PATH, MODEL)).toBe('/data/p')
    page.send(channels.OPEN_PATH_READY)
    expect(onPathsWanted).toHaveBeenCalledOnce()
  })

  it('learns nothing where the user chose nothing', async () => {
    showOpenDialog.mockResolvedValueOnce({ canceled: true, filePaths: [] })
    expect(await page.invoke(channels.CHOOSE_PATH, MODEL)).toBeNull()
  })

  it('puts text into the clipboard, and nothing else', async () => {
    expect(await page.invoke(channels.COPY_TEXT, '\\caption{50\\,\\%}\n')).toBe(true)
    expect(writeText).toHaveBeenCalledExactlyOnceWith('\\caption{50\\,\\%}\n')
    for (const text of [3, null, undefined, ['text'], { text: 'a' }, 'x'.repeat(MOST_COPIED + 1)]) {
      expect(await page.invoke(channels.COPY_TEXT, text)).toBe(false)
    }
    expect(writeText).toHaveBeenCalledOnce()
    expect(mayCopy('x'.repeat(MOST_COPIED))).toBe(true)
    expect(onFault).not.toHaveBeenCalled()
    writeText.mockRejectedValueOnce(new Error('no clipboard'))
    expect(await page.invoke(channels.COPY_TEXT, 'a')).toBe(false)
    expect(onFault).toHaveBeenCalledOnce()
  })

  it('opens our links and nothing else', () => {
    page.send(channels.OPEN_LINK, 'paper')
    expect(openExternal).toHaveBeenCalledExactlyOnceWith(LINKS.paper)
    for (const link of ['https://attacker.example/', 'file:///etc/passwd', 'constructor', '', 3, null]) {
      page.send(channels.OPEN_LINK, link)
      expect(addressOfLink(link)).toBeNull()
    }
    expect(openExternal).toHaveBeenCalledOnce()
  })
})

describe.each([
  ['another page', 'https://attacker.example/', null],
  ['a frame within our page', PAGE_ADDRESS, {}],
])('%s', (_, url, parent) => {
  const page = connect(url, parent)

  it('is refused everything', async () => {
    for (const name of METHOD_NAMES) {
      expect(await page.invoke(channels.methodChannel(name))).toMatchObject({ ok: false })
    }
    expect(await page.invoke(channels.ENGINE_STATE_NOW)).toBeNull()
    expect(await page.invoke(channels.CHOOSE_PATH, MODEL)).toBeNull()
    page.send(channels.OPEN_LINK, 'paper')
    page.send(channels.OPEN_PATH_READY)
    expect(await page.invoke(channels.COPY_TEXT, 'text')).toBe(false)
    const nothing = [call, openExternal, writeText, showOpenDialog, onPathsWanted]
    for (const done of nothing) expect(done).not.toHaveBeenCalled()
  })
})

describe('dialogOptions', () => {
  it('asks for a folder or for files of a kind', () => {
    expect(dialogOptions({ title: 'Images', kind: 'folder', extensions: [] })).toEqual({
      title: 'Images',
      properties: ['openDirectory', 'createDirectory'],
    })
    expect(dialogOptions({ title: 'Model', kind: 'file', extensions: ['json', 'keras'] })).toEqual({
      title: 'Model',
      properties: ['openFile'],
      filters: [{ name: 'Model', extensions: ['json', 'keras'] }],
    })
  })

  it('refuses options that are none', async () => {
    const page = connect(PAGE_ADDRESS)
    expect(await page.invoke(channels.CHOOSE_PATH, { title: 'x', kind: 'save', extensions: [] })).toBeNull()
    expect(showOpenDialog).not.toHaveBeenCalled()
  })
})
