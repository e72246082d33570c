import { evaluate } from '../jobs/evaluation.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function evaluationHandlers(session: Session): HandlersOf<'evaluation'> {
  return { 'evaluation.result': (spec) => stored(session.project, 'evaluation', spec, evaluate) }
}
