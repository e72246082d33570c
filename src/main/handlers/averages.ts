import { listAverages, readAverage, readAverageMean } from '../jobs/stored-averages.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function averageHandlers(session: Session): HandlersOf<'averages'> {
  return {
    'averages.list': (spec) => session.answer((project) => listAverages(project, spec)),
    'averages.get': ({ averages, feature }) => readAverage(session.project, averages, feature),
    'averages.mean': ({ averages, feature }) => readAverageMean(session.project, averages, feature),
  }
}
