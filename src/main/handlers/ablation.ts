import { ablate } from '../jobs/ablation.ts'
import { classAblation } from '../jobs/class-ablation.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function ablationHandlers(session: Session): HandlersOf<'ablation'> {
  return {
    'ablation.result': (spec) => session.answer((project) => stored(project, 'ablation', spec, ablate)),
    'ablation.classCurves': ({ ablation, classIndex }) =>
      session.answer((project) => classAblation(project, ablation, classIndex)),
  }
}
