import { listNotes, setNote } from '../jobs/notes.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function noteHandlers(session: Session): HandlersOf<'notes'> {
  return {
    'notes.list': () => listNotes(session.project),
    'notes.set': (note) => setNote(session.project, note),
  }
}
