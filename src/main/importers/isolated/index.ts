import type { Graph } from '../../../shared/graph.ts'
import type { OpenOptions } from '../importer.ts'
import { IsolatedOpener } from './open.ts'

/** The one that this program opens models with. */
export const isolated = new IsolatedOpener()

/** Opens a model of any known format; see `IsolatedOpener.open`. */
export function openForeignModel(location: string, options: OpenOptions = {}): Promise<Graph> {
  return isolated.open(location, options)
}
