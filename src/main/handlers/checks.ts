import { runCheck } from '../jobs/checks/index.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function checkHandlers(session: Session): HandlersOf<'checks'> {
  return {
    'checks.result': (spec) => session.answer((project) => stored(project, 'check', spec, runCheck)),
  }
}
