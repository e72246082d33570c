import type { Call, On } from './contract.ts'

/** What carries the page: the desktop window or a browser tab. */
export interface Host {
  readonly kind: 'desktop' | 'browser'
  readonly call: Call
  readonly on: On
  /** Tells at once, and at every change. */
  readonly onEngineState: (listener: (state: EngineState) => void) => () => void
  /** Of the native menu and its shortcuts; the page has the same commands for a browser. */
  readonly onCommand: (listener: (command: HostCommand) => void) => () => void
  /** Null where the user chose nothing. Undefined on a host without native dialogs: the page shows its own. */
  readonly choosePath: ((options: ChoosePath) => Promise<string | null>) | undefined
  /** Path of a dropped file or folder; null where the host does not tell. */
  readonly pathOf: (file: File) => string | null
  readonly openLink: (link: LinkName) => void
  /** Puts a text of at most `MOST_COPIED` letters into the clipboard. Throws VebiError where that is refused. */
  readonly copyText: (text: string) => Promise<void>
  /** Path given when the program was started, or handed over by a second start. */
  readonly onOpenPath: (listener: (path: string) => void) => () => void
}

export interface EngineState {
  readonly state: 'starting' | 'running' | 'restarting' | 'lost'
  /** What happened and what comes next, for people; empty while all is well. */
  readonly sentence: string
}

export interface ChoosePath {
  readonly title: string
  readonly kind: 'file' | 'folder'
  /** Ends of file names, without the dot; empty: all. */
  readonly extensions: readonly string[]
}

/** UTF-16 units. */
export const MOST_COPIED = 2 ** 22

/** The links that the page may open, nothing else. */
export const LINKS = {
  paper: 'https://arxiv.org/abs/1712.06302',
  tensorflow: 'https://www.tensorflow.org/js',
} as const
export type LinkName = keyof typeof LINKS

/** Commands of the menu. `screen:` goes to a screen. */
export const SCREENS = [
  'model',
  'responses',
  'selection',
  'ablation',
  'features',
  'explain',
  'evaluate',
  'figures',
] as const
export type ScreenName = (typeof SCREENS)[number]
export type HostCommand =
  | 'new-project'
  | 'open-project'
  | 'close-project'
  | 'cancel-job'
  | 'toggle-theme'
  | 'show-shortcuts'
  | `screen:${ScreenName}`
