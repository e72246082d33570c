import type { Page } from '@playwright/test'

/** A started workbench: its page and what the tests may do to the processes behind it. */
export interface Workbench {
  readonly kind: HostKind
  readonly page: Page
  /** Folder of recent projects and of the demo. */
  readonly state: string
  /** Process of the engine; undefined while there is none. */
  readonly enginePid: () => Promise<number | undefined>
  /** Closes window and engine. */
  readonly close: () => Promise<void>
}

export type HostKind = 'browser' | 'desktop'

export interface HostChoice {
  readonly hostKind: HostKind
}

export interface StartOptions {
  /** Folder of recent projects and of the demo; a new empty one where left out. */
  readonly state?: string
  /** Folder of a project to begin with. */
  readonly project?: string
  readonly environment?: Readonly<Record<string, string>>
}
