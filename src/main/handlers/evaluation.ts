import { classCurves, evaluate } from '../jobs/evaluation.ts'
import { requireClass } from '../jobs/selection-views.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function evaluationHandlers(session: Session): HandlersOf<'evaluation'> {
  return {
    'evaluation.result': (spec) => session.answer((project) => stored(project, 'evaluation', spec, evaluate)),
    'evaluation.classCurves': ({ evaluation, classIndex }) => {
      requireClass(classIndex, session.project.config.classes.length)
      return session.answer((project) => classCurves(project, evaluation, classIndex))
    },
  }
}
