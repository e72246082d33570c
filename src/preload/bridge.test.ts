import { beforeEach, describe, expect, it } from 'vitest'
import type { DesktopBridge } from '../shared/bridge.ts'
import * as channels from '../shared/channels.ts'
import { EVENT_NAMES, METHOD_NAMES } from '../shared/method-names.ts'
import { createBridge, type Messages } from './bridge.ts'

type Listener = (event: unknown, payload: unknown) => void

const state = { state: 'running', sentence: '' } as const
let sent: unknown[][]
let listeners: Map<string, Listener>
let bridge: DesktopBridge

beforeEach(() => {
  sent = []
  listeners = new Map()
  const messages: Messages = {
    invoke: async (...message) => {
      sent.push(message)
      return message[0] === channels.ENGINE_STATE_NOW ? state : 'the answer'
    },
    send: (...message) => void sent.push(message),
    on: (channel, listener) => listeners.set(channel, listener),
    removeListener: (channel, listener) => listeners.get(channel) === listener && listeners.delete(channel),
  }
  bridge = createBridge(messages, (file) => (file.name === 'made up' ? '' : `/home/${file.name}`))
})

describe('the bridge', () => {
  it('is named functions, and none that takes a channel', () => {
    expect(Object.keys(bridge).sort()).toEqual([
      'choosePath', 'copyText', 'events', 'methods', 'onCommand', 'onEngineState', 'onOpenPath', 'openLink', 'pathOf',
    ])
    expect(Object.keys(bridge.methods)).toEqual([...METHOD_NAMES])
    expect(Object.keys(bridge.events)).toEqual([...EVENT_NAMES])
  })

  it.each(METHOD_NAMES)('%s goes through a channel of its own', async (name) => {
    const method = bridge.methods[name] as (...argument: unknown[]) => Promise<unknown>
    expect(await method({ a: 1 }, 'more')).toBe('the answer')
    expect(sent).toEqual([[`method:${name}`, { a: 1 }]])
  })

  it('tells of events without their sender, until one listens no more', () => {
    const heard: unknown[] = []
    const end = bridge.events['job.state']((...told: unknown[]) => heard.push(told))
    listeners.get('event:job.state')?.({ sender: 'secret' }, { id: 3 })
    expect(heard).toEqual([[{ id: 3 }]])
    end()
    expect(listeners.size).toBe(0)
  })

  it('tells the state of the engine at once and at every change', async () => {
    const heard: unknown[] = []
    bridge.onEngineState((told) => heard.push(told))
    await Promise.resolve()
    await Promise.resolve()
    listeners.get(channels.ENGINE_STATE)?.({}, { state: 'lost', sentence: 'Gone.' })
    expect(heard).toEqual([state, { state: 'lost', sentence: 'Gone.' }])
  })

  it('says when it listens to paths, after it does', () => {
    bridge.onOpenPath(() => {})
    expect([listeners.has(channels.OPEN_PATH), sent]).toEqual([true, [[channels.OPEN_PATH_READY]]])
  })

  it('hands a text to copy on and tells whether it was taken', async () => {
    expect(await bridge.copyText('\\begin{figure}')).toBe('the answer')
    expect(sent).toEqual([[channels.COPY_TEXT, '\\begin{figure}']])
  })

  it('knows the path of a dropped file, and none of what the page made up', () => {
    expect(bridge.pathOf(new File([], 'a.png'))).toBe('/home/a.png')
    expect(bridge.pathOf(new File([], 'made up'))).toBeNull()
  })
})
