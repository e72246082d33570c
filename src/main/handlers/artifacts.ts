import { listArtifacts, removeArtifacts } from '../jobs/artifacts.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function artifactHandlers(session: Session): HandlersOf<'artifacts'> {
  return {
    'artifacts.list': () => listArtifacts(session.project),
    'artifacts.remove': ({ ids }) => {
      const { project, queue, paths } = session.workbench
      queue.requireIdle()
      const bytes = removeArtifacts(project, ids)
      paths.forget()
      return { bytes }
    },
  }
}
