import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function draftHandlers(session: Session): HandlersOf<'draft'> {
  return {
    'draft.preview': (request) => session.draft.preview(request),
    'draft.accuracy': (request) => session.draft.accuracy(request),
    'draft.close': () => {
      session.draft.close()
      return null
    },
  }
}
