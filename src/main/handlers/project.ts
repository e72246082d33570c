import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function projectHandlers(session: Session): HandlersOf<'project'> {
  return {
    'project.create': (options) => session.createProject(options),
    'project.open': ({ folder }) => session.openProject(folder),
    'project.close': async () => {
      await session.close()
      return null
    },
    'project.info': () => session.info(),
  }
}
