import path from 'node:path'
import { VebiError } from '../../../shared/errors.ts'
import type { Graph } from '../../../shared/graph.ts'
import { tensorInFile, type Tensor } from '../dataflow/tensor.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import { buildTensorFlowGraph } from '../tensorflow-graph/build.ts'
import type { NodeMessage } from '../tensorflow-graph/messages.ts'
import { endsOf, looksLikeGraphModel, modelJson, readModelJson } from '../tfjs-files/model-json.ts'
import { readManifestWeights, type ManifestWeight } from '../tfjs-files/manifest.ts'
import { graphOfJson, signatureOfJson } from './json.ts'

/** A TF.js GraphModel on disk: model.json with a graph of TensorFlow operations and its weight shards. */
export const tfjsGraphImporter: Importer = {
  name: 'TF.js GraphModel',

  async match(location) {
    const file = await modelJson(location)
    return file !== undefined && looksLikeGraphModel(await endsOf(file).catch(() => ''))
  },

  async glance() {
    return null
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const file = (await modelJson(location)) ?? location
    const description = await readModelJson(file)
    const topology = description?.['modelTopology']
    if (!description || !isObject(topology)) {
      throw new VebiError('bad-model', `${file}: the model has no graph (no modelTopology).`)
    }
    if (!Array.isArray(description['weightsManifest'])) {
      throw new VebiError('bad-model', `${file}: the model has no weights (no weightsManifest).`)
    }
    const { weights, warnings } = await readManifestWeights(description['weightsManifest'], path.dirname(file), file)
    const named = new Map(weights.map((weight) => [weight.name, weight]))
    const message = graphOfJson(topology, file)
    const graph = buildTensorFlowGraph(
      {
        file,
        message,
        signature: signatureOfJson(description),
        constant: (node) => constantOf(node, named, file),
        variable: (node) => {
          throw new VebiError('bad-model', `${file}: node "${node.name}" is a variable, which no GraphModel holds.`)
        },
      },
      sourceOf(description),
      options,
    )
    return { ...graph, warnings: [...warnings, ...graph.warnings] }
  },
}

function constantOf(node: NodeMessage, weights: ReadonlyMap<string, ManifestWeight>, file: string): Tensor {
  const weight = weights.get(node.name)
  if (!weight) throw new VebiError('bad-model', `${file}: the weightsManifest lists no weight "${node.name}".`)
  if (weight.stored) return tensorInFile(weight.stored)
  const values = weight.values()
  const dimensions = weight.shape
  if (weight.dtype === 'float32') return { dimensions, kind: 'float', data: values }
  return { dimensions, kind: 'integer', data: Float64Array.from(values) }
}

function sourceOf(description: JsonObject): string {
  const converter = description['convertedBy'] ?? description['generatedBy']
  return `TF.js GraphModel${typeof converter === 'string' ? `, ${converter}` : ''}`
}
