import { listAverages, readAverage } from '../jobs/stored-averages.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function averageHandlers(session: Session): HandlersOf<'averages'> {
  return {
    'averages.list': (spec) => listAverages(session.project, spec),
    'averages.get': ({ averages, feature }) => readAverage(session.project, averages, feature),
  }
}
