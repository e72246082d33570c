import { layersOf } from '../../core/layers.ts'
import { openForeignModel } from '../importers/isolated/index.ts'
import { inspect } from '../jobs/inspection.ts'
import { layoutOf } from '../jobs/project.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function modelHandlers(session: Session): HandlersOf<'model'> {
  return {
    'model.inspect': async ({ path }) => inspect(path === null ? session.project.graph : await openForeignModel(path)),
    'model.layerSet': ({ layers }) => {
      const layout = layoutOf(session.project.graph, layers)
      const nodes = new Set(layout.layers.map((layer) => layer.node))
      const picked = layersOf(session.project.graph).filter((layer) => nodes.has(layer.node))
      return { numbers: picked.map((layer) => layer.number), features: layout.size }
    },
    'model.setOwnLayers': ({ layers }) => session.setOwnLayers(layers),
  }
}
