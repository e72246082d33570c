import { computeExplanation } from '../jobs/computed-explanation.ts'
import { readFolderExplanation } from '../jobs/folder-explanation.ts'
import { readExplanation } from '../jobs/stored-explanations.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function explanationHandlers(session: Session): HandlersOf<'explanations'> {
  return {
    'explanations.get': ({ explanation, image }) =>
      session.answer((project) => readExplanation(project, explanation, image)),
    'explanations.compute': (options) => session.answer((project) => computeExplanation(project, options)),
    'explanations.folder': (spec) => session.answer((project) => readFolderExplanation(project, spec)),
  }
}
