import { listPredictions, rankedClasses } from '../jobs/predictions.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function predictionHandlers(session: Session): HandlersOf<'predictions'> {
  return {
    'predictions.list': (options) => listPredictions(session.project, options),
    'predictions.ranked': (options) => session.answer((project) => rankedClasses(project, options)),
  }
}
