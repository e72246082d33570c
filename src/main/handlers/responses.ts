import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function responseHandlers(session: Session): HandlersOf<'responses'> {
  return {
    'responses.layers': (spec) => session.workbench.responses.ofLayers(spec),
    'responses.feature': ({ extraction, feature }) => session.workbench.responses.ofFeature(extraction, feature),
  }
}
