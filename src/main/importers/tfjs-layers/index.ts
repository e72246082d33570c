import path from 'node:path'
import type { Graph } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildKerasGraph } from '../keras/build.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import { endsOf, modelJson, readModelJson } from '../tfjs-files/model-json.ts'
import { readManifestWeights } from '../tfjs-files/manifest.ts'

const TRANSLATED_FROM_KERAS_3 =
  'The model is written in the form of Keras 3, which TF.js itself does not load; it was translated.'

/** A TF.js LayersModel on disk: model.json with its weight shards, or the folder that holds them. */
export const tfjsLayersImporter: Importer = {
  name: 'TF.js LayersModel',

  async match(location) {
    const file = await modelJson(location)
    return file !== undefined
  },

  async glance(location) {
    const file = (await modelJson(location)) ?? location
    const ends = await endsOf(file).catch(() => '')
    return /"(modelTopology|weightsManifest|layers-model)"/.test(ends) ? null : foreign(file).message
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const file = (await modelJson(location)) ?? location
    const description = await readModelJson(file)
    if (!description) throw foreign(file)
    const topology = layersTopology(description, file)
    const model = isObject(topology['model_config']) ? topology['model_config'] : topology
    if (!Array.isArray(description['weightsManifest'])) {
      throw new VebiError('bad-model', `${file}: the model has no weights (no weightsManifest).`)
    }
    const { weights, warnings } = await readManifestWeights(description['weightsManifest'], path.dirname(file), file)
    const converted = weights
      .filter(({ dtype }) => dtype !== 'float32')
      .map(({ name, dtype }) => `The weight "${name}" of type ${dtype} was converted to float32.`)
    const version = topology['keras_version']
    const kerasVersion = typeof version === 'string' ? version : undefined
    const source = sourceOf(description, topology)
    return buildKerasGraph(
      {
        file,
        model,
        weights,
        warnings: [...converted, ...warnings],
        source,
        kerasVersion,
        keras3Warning: TRANSLATED_FROM_KERAS_3,
      },
      options,
    )
  },
}

/** The part of model.json that describes the layers; refuses other JSON by name. */
function layersTopology(description: JsonObject, file: string): JsonObject {
  const topology = description['modelTopology']
  if (isObject(topology)) return topology
  if (typeof description['class_name'] === 'string' && 'config' in description) {
    throw new VebiError(
      'unsupported',
      `${file} is a Keras model description without weights; a TF.js LayersModel is needed.`,
    )
  }
  throw foreign(file)
}

function foreign(file: string): VebiError {
  return new VebiError('bad-file', `${file} is JSON, but not a TF.js LayersModel (it has no modelTopology).`)
}

function sourceOf(description: JsonObject, topology: JsonObject): string {
  const version = topology['keras_version']
  const producer = typeof version !== 'string' ? '' : version.startsWith('tfjs') ? `, ${version}` : `, keras ${version}`
  const converter = typeof description['convertedBy'] === 'string' ? `, ${description['convertedBy']}` : ''
  return `TF.js LayersModel${producer}${converter}`
}
