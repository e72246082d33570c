import { ablate } from '../jobs/ablation.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function ablationHandlers(session: Session): HandlersOf<'ablation'> {
  return { 'ablation.result': (spec) => stored(session.project, 'ablation', spec, ablate) }
}
