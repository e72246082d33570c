import type { BridgedMethod, DesktopBridge } from '../../shared/bridge.ts'
import type { Call, On } from '../../shared/contract.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { Host } from '../../shared/host.ts'
import { COPY_REFUSED } from './copy-text.ts'

/** The desktop window: every call goes through its own function of the preload. */
export function desktopHost(bridge: DesktopBridge): Host {
  const call: Call = async (name, ...argument) => {
    const method = bridge.methods[name] as BridgedMethod<typeof name>
    const reply = await method(...argument).catch((error: unknown) => {
      throw new VebiError('internal', `The window cannot reach the engine: ${reasonOf(error)}.`)
    })
    if (reply.ok) return reply.result
    throw new VebiError(reply.error.code, reply.error.sentence)
  }
  const on: On = (name, listener) => bridge.events[name](listener)
  return {
    kind: 'desktop',
    call,
    on,
    onEngineState: bridge.onEngineState,
    onCommand: bridge.onCommand,
    choosePath: bridge.choosePath,
    pathOf: bridge.pathOf,
    openLink: bridge.openLink,
    async copyText(text) {
      if (!(await bridge.copyText(text))) throw new VebiError('bad-argument', COPY_REFUSED)
    },
    onOpenPath: bridge.onOpenPath,
  }
}
