import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function demoHandlers(session: Session): HandlersOf<'demo'> {
  return { 'demo.prepare': async () => ({ folder: await session.prepareDemo() }) }
}
