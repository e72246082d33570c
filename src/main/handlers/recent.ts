import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function recentHandlers(session: Session): HandlersOf<'recent'> {
  return {
    'recent.list': () => session.recentProjects(),
    'recent.remove': ({ folder }) => session.forgetRecent(folder),
  }
}
