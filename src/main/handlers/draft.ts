import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function draftHandlers(session: Session): HandlersOf<'draft'> {
  return {
    'draft.preview': (request) => session.draft.preview(request),
    'draft.accuracy': (request) => session.draft.accuracy(request),
    'draft.presets': (request) => session.draft.presets(request),
    'draft.stop': () => {
      session.draft.stop()
      return null
    },
    'draft.close': () => {
      session.draft.close()
      return null
    },
  }
}
