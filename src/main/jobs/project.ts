import type { FeatureLayer, FeatureLayout } from '../../core/features.ts'
import { featureLayout } from '../../core/features.ts'
import { layersOf, resolveLayerSet } from '../../core/layers.ts'
import type { Graph } from '../../shared/graph.ts'
import type { ProjectConfig } from '../../shared/project.ts'
import type { ImageSource } from '../data/types.ts'
import type { Engine } from '../model/engine.ts'
import type { Network } from '../model/network.ts'
import type { ProjectStore } from '../store/project.ts'

/** An open project: its model on the engine, its images and its store. Made by `app.ts`. */
export interface Project {
  readonly folder: string
  readonly config: ProjectConfig
  readonly store: ProjectStore
  readonly engine: Engine
  readonly graph: Graph
  readonly network: Network
  readonly train: ImageSource
  readonly test: ImageSource
  /** What results are keyed by: hashes over content, never names or paths. */
  readonly keys: { readonly train: string; readonly test: string; readonly preprocessing: string }
}

/** What every result that comes out of the network depends on. */
export function networkInputs(project: Project): Record<string, string> {
  return {
    weights: project.graph.hash,
    preprocessing: project.keys.preprocessing,
    engine: `${project.engine.name} ${project.engine.version}`,
  }
}

/** The features of a layer set such as `All` (method section 1). */
export function layoutOf(graph: Graph, layerSet: string): FeatureLayout {
  const nodes = new Set(resolveLayerSet(graph, layerSet).nodes)
  const layers: FeatureLayer[] = layersOf(graph)
    .filter((layer) => nodes.has(layer.node))
    .map((layer) => ({
      number: layer.number,
      node: layer.node,
      name: layer.name,
      kind: layer.kind,
      channels: layer.channels,
    }))
  return featureLayout(layers)
}
