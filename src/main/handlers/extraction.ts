import { extract } from '../jobs/extraction.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function extractionHandlers(session: Session): HandlersOf<'extraction'> {
  return { 'extraction.result': (spec) => stored(session.project, 'extraction', spec, extract) }
}
