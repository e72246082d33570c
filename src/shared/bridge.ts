import type { ArgumentOf, EventName, Events, MethodName, Nothing, Reply, ResultOf } from './contract.ts'
import type { ChoosePath, EngineState, HostCommand, LinkName } from './host.ts'

/**
 * What preload puts into the desktop window as `window.vebi`: named functions and nothing else. Exceptions lose their
 * class on the way, so a method answers with a `Reply`.
 */
export interface DesktopBridge {
  readonly methods: { readonly [Name in MethodName]: BridgedMethod<Name> }
  readonly events: { readonly [Name in EventName]: (listener: (payload: Events[Name]) => void) => EndListening }
  /** Tells at once, and at every change. */
  readonly onEngineState: (listener: (state: EngineState) => void) => EndListening
  readonly onCommand: (listener: (command: HostCommand) => void) => EndListening
  /** Paths that came before the first listener are told to it. */
  readonly onOpenPath: (listener: (path: string) => void) => EndListening
  readonly choosePath: (options: ChoosePath) => Promise<string | null>
  readonly pathOf: (file: File) => string | null
  readonly openLink: (link: LinkName) => void
  /** False where the text is too long or the system refuses. */
  readonly copyText: (text: string) => Promise<boolean>
}

export type BridgedMethod<Name extends MethodName> = (
  ...argument: Nothing extends ArgumentOf<Name> ? [argument?: ArgumentOf<Name>] : [argument: ArgumentOf<Name>]
) => Promise<Reply<ResultOf<Name>>>

export type EndListening = () => void
