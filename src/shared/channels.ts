import type { EventName, MethodName } from './contract.ts'

/** Names of the messages between preload and the desktop shell; one for each method and event. */

export const methodChannel = (name: MethodName): string => `method:${name}`
export const eventChannel = (name: EventName): string => `event:${name}`

export const ENGINE_STATE = 'engine-state'
/** Asks for the state as it is now. */
export const ENGINE_STATE_NOW = 'engine-state-now'
export const COMMAND = 'command'
export const OPEN_PATH = 'open-path'
/** From here on the page listens to paths. */
export const OPEN_PATH_READY = 'open-path-ready'
export const CHOOSE_PATH = 'choose-path'
export const OPEN_LINK = 'open-link'
export const COPY_TEXT = 'copy-text'
