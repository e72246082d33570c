import type { SelectionSpec } from '../../shared/jobs.ts'
import { classFeatures, sparseSelectionMatrix, summariseSelection } from '../jobs/selection-views.ts'
import { select, type Selection } from '../jobs/selection.ts'
import { stored } from '../jobs/stored.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function selectionHandlers(session: Session): HandlersOf<'selection'> {
  const read = (spec: SelectionSpec): Promise<Selection> =>
    session.answer((project) => stored(project, 'selection', spec, select))
  return {
    'selection.summary': async (spec) => summariseSelection(await read(spec)),
    'selection.classFeatures': async ({ selection, classIndex }) => classFeatures(await read(selection), classIndex),
    'selection.matrix': async (spec) => sparseSelectionMatrix(await read(spec)),
    'selection.path': ({ maxMu, ...spec }) => session.answer(() => session.workbench.paths.curve(spec, maxMu)),
    'selection.at': ({ mu, ...spec }) => session.answer(() => session.workbench.paths.at(spec, mu)),
  }
}
