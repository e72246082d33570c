import { readExplanation } from '../jobs/stored-explanations.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function explanationHandlers(session: Session): HandlersOf<'explanations'> {
  return { 'explanations.get': ({ explanation, image }) => readExplanation(session.project, explanation, image) }
}
