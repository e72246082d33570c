import { inject, type InjectionKey } from 'vue'
import type { Command } from '../lib/shortcuts.ts'

/** Runs commands of the menu, the keyboard and buttons; `App.vue` provides it. */
export interface Commands {
  readonly run: (command: Command) => void
}

export const COMMANDS: InjectionKey<Commands> = Symbol('commands')

export function useCommands(): Commands {
  const commands = inject(COMMANDS)
  if (!commands) throw new Error('No commands are provided.')
  return commands
}
