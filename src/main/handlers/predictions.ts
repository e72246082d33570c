import { testIndexOf } from '../jobs/images.ts'
import { listPredictions, rankedClasses } from '../jobs/predictions.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function predictionHandlers(session: Session): HandlersOf<'predictions'> {
  return {
    'predictions.list': (options) => listPredictions(session.project, options),
    'predictions.ranked': ({ image, limit }) =>
      rankedClasses(session.project, testIndexOf(session.project, image), limit),
  }
}
