import type { HostCommand } from '../../shared/host.ts'

/** Commands of the page: those of the native menu and two of its own. */
export type Command = HostCommand | 'screen:new-project' | 'screen:start' | 'run-all'

/** A key, with Ctrl (Cmd on a Mac) or Alt unless it is plain. Browsers keep some of the first for themselves. */
export interface Shortcut {
  /** `KeyboardEvent.code`, the place on the keyboard, or for a plain one `KeyboardEvent.key`. */
  readonly key: string
  readonly plain?: boolean
  readonly shift?: boolean
}

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

export function matches({ key, plain = false, shift = false }: Shortcut, event: Keys): boolean {
  const control = event.ctrlKey || event.metaKey
  if (plain) return event.key === key && !control && !event.altKey
  return event.code === key && control !== event.altKey && event.shiftKey === shift
}

export const SHORTCUTS: readonly { readonly command: Command; readonly shortcut: Shortcut; readonly does: string }[] = [
  { command: 'screen:start', shortcut: { key: 'Digit0' }, does: 'Start' },
  { command: 'screen:new-project', shortcut: { key: 'Digit1' }, does: 'New project' },
  { command: 'screen:model', shortcut: { key: 'Digit2' }, does: 'Model' },
  { command: 'screen:responses', shortcut: { key: 'Digit3' }, does: 'Responses' },
  { command: 'screen:selection', shortcut: { key: 'Digit4' }, does: 'Selection' },
  { command: 'screen:ablation', shortcut: { key: 'Digit5' }, does: 'Ablation' },
  { command: 'screen:features', shortcut: { key: 'Digit6' }, does: 'Features' },
  { command: 'screen:explain', shortcut: { key: 'Digit7' }, does: 'Explain' },
  { command: 'screen:evaluate', shortcut: { key: 'Digit8' }, does: 'Evaluate' },
  { command: 'screen:figures', shortcut: { key: 'Digit9' }, does: 'Figures' },
  { command: 'new-project', shortcut: { key: 'KeyN' }, does: 'New project' },
  { command: 'open-project', shortcut: { key: 'KeyO' }, does: 'Open a project' },
  { command: 'close-project', shortcut: { key: 'KeyW' }, does: 'Close the project' },
  { command: 'run-all', shortcut: { key: 'Enter' }, does: 'Run all steps' },
  { command: 'cancel-job', shortcut: { key: 'Period' }, does: 'Cancel the running job' },
  { command: 'toggle-theme', shortcut: { key: 'KeyT', shift: true }, does: 'Light or dark theme' },
  { command: 'show-shortcuts', shortcut: { key: '?', plain: true }, does: 'Keyboard shortcuts' },
]

/** The keys of a shortcut as they are printed on them; a browser tab leaves the page Alt alone. */
export function keysOf({ key, plain = false, shift = false }: Shortcut, modifier: 'Ctrl' | 'Cmd' | 'Alt'): string[] {
  const printed = key === 'Period' ? '.' : key.replace(/^(Digit|Key)/, '')
  if (plain) return [printed]
  return [modifier, ...(shift ? ['Shift'] : []), printed]
}
