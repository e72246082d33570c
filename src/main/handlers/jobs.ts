import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function jobHandlers(session: Session): HandlersOf<'jobs'> {
  return {
    'jobs.start': (work) => session.workbench.queue.start(work),
    'jobs.resume': ({ id }) => session.workbench.queue.resume(id),
    'jobs.cancel': ({ id }) => session.workbench.queue.cancel(id),
    'jobs.list': ({ limit }) => session.workbench.queue.list(limit),
    'jobs.get': ({ id }) => session.workbench.queue.get(id),
  }
}
