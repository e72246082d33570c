import type { DesktopBridge, EndListening } from '../shared/bridge.ts'
import * as channels from '../shared/channels.ts'
import { EVENT_NAMES, METHOD_NAMES } from '../shared/method-names.ts'

/** Of Electron's `ipcRenderer`, what is used here. */
export interface Messages {
  invoke(channel: string, argument?: unknown): Promise<unknown>
  send(channel: string, argument?: unknown): void
  on(channel: string, listener: (event: unknown, payload: unknown) => void): unknown
  removeListener(channel: string, listener: (event: unknown, payload: unknown) => void): unknown
}

/** The object that the page gets: a function for each method and event, and none that takes a channel. */
export function createBridge(messages: Messages, pathOfFile: (file: File) => string): DesktopBridge {
  const listen = (channel: string) => (listener: (payload: never) => void): EndListening => {
    // Electron's own event, which knows the sender and its ports, stays here.
    const forward = (_: unknown, payload: unknown): void => listener(payload as never)
    messages.on(channel, forward)
    return () => void messages.removeListener(channel, forward)
  }
  const methods = METHOD_NAMES.map((name) => {
    const channel = channels.methodChannel(name)
    return [name, (argument?: unknown) => messages.invoke(channel, argument)] as const
  })
  const events = EVENT_NAMES.map((name) => [name, listen(channels.eventChannel(name))] as const)
  const onEngineState: DesktopBridge['onEngineState'] = listen(channels.ENGINE_STATE)
  const onOpenPath: DesktopBridge['onOpenPath'] = listen(channels.OPEN_PATH)
  return {
    methods: Object.fromEntries(methods) as unknown as DesktopBridge['methods'],
    events: Object.fromEntries(events) as unknown as DesktopBridge['events'],
    onEngineState: (listener) => {
      const end = onEngineState(listener)
      const now = messages.invoke(channels.ENGINE_STATE_NOW) as Promise<Parameters<typeof listener>[0]>
      void now.then(listener)
      return end
    },
    onCommand: listen(channels.COMMAND),
    onOpenPath: (listener) => {
      const end = onOpenPath(listener)
      messages.send(channels.OPEN_PATH_READY)
      return end
    },
    choosePath: (options) => messages.invoke(channels.CHOOSE_PATH, options) as Promise<string | null>,
    // The path of what the page made up itself is empty.
    pathOf: (file) => pathOfFile(file) || null,
    openLink: (link) => messages.send(channels.OPEN_LINK, link),
    copyText: (text) => messages.invoke(channels.COPY_TEXT, text) as Promise<boolean>,
  }
}
