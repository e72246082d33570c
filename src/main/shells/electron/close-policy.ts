import type { MessageBoxOptions } from 'electron'

export interface Closing {
  /** A job runs or waits. */
  readonly working: boolean
  readonly phase: 'open' | 'asking' | 'stopping' | 'stopped'
}

/** What closing the window means: stop the engine at once, ask first, nothing more than waiting, or really close. */
export type CloseDecision = 'stop' | 'ask' | 'wait' | 'close'

export function decideClose({ working, phase }: Closing): CloseDecision {
  switch (phase) {
    case 'open':
      return working ? 'ask' : 'stop'
    case 'asking':
    case 'stopping':
      return 'wait'
    case 'stopped':
      return 'close'
  }
}

/** Number of the button in `closeQuestion` that closes. */
export const CLOSE_BUTTON = 1

export const closeQuestion = {
  type: 'question',
  title: 'VEBI Workbench',
  message: 'A job is running.',
  detail: 'Closing stops it within a batch. What is finished is kept, and the job can be resumed at the next start.',
  buttons: ['Go on working', 'Stop and close'],
  defaultId: 0,
  cancelId: 0,
  noLink: true,
} as const satisfies MessageBoxOptions
