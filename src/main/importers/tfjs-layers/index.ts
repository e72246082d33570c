import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Graph } from '../../../shared/graph.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildKerasGraph } from '../keras/build.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import { readManifestWeights } from './manifest.ts'

/** A description of the largest published models takes a few megabytes; this keeps a stray data file out of memory. */
const LARGEST_MODEL_JSON = 256 * 1024 * 1024
const GLANCE_BYTES = 64 * 1024
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
    const start = await beginningOf(file).catch(() => '')
    if (/"format"\s*:\s*"graph-model"/.test(start)) return graphModel(file).message
    return /"(modelTopology|weightsManifest|layers-model)"/.test(start) ? null : foreign(file).message
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const file = (await modelJson(location)) ?? location
    const description = await readModelJson(file)
    const topology = layersTopology(description, file)
    const model = isObject(topology['model_config']) ? topology['model_config'] : topology
    if (!Array.isArray(description['weightsManifest'])) {
      throw new VebiError('bad-model', `${file}: the model has no weights (no weightsManifest).`)
    }
    const { weights, warnings } = await readManifestWeights(description['weightsManifest'], path.dirname(file), file)
    const version = topology['keras_version']
    const kerasVersion = typeof version === 'string' ? version : undefined
    const source = sourceOf(description, topology)
    return buildKerasGraph(
      { file, model, weights, warnings, source, kerasVersion, keras3Warning: TRANSLATED_FROM_KERAS_3 },
      options,
    )
  },
}

async function modelJson(location: string): Promise<string | undefined> {
  const info = await stat(location).catch(() => undefined)
  if (info?.isFile()) return location.toLowerCase().endsWith('.json') ? location : undefined
  if (!info?.isDirectory()) return undefined
  const inside = path.join(location, 'model.json')
  return (await stat(inside).catch(() => undefined))?.isFile() ? inside : undefined
}

/** Enough of a description to know its kind; the keys stand before the long lists. */
async function beginningOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(GLANCE_BYTES), 0, GLANCE_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function readModelJson(file: string): Promise<JsonObject> {
  let text: string
  try {
    if ((await stat(file)).size > LARGEST_MODEL_JSON) throw new Error('it is too large for a model description')
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new VebiError('bad-file', `${file} is not valid JSON: ${reasonOf(error)}.`, { cause: error })
  }
  if (isObject(value)) return value
  throw foreign(file)
}

/** The part of model.json that describes the layers; refuses other JSON by name. */
function layersTopology(description: JsonObject, file: string): JsonObject {
  const topology = description['modelTopology']
  const isGraphModel =
    description['format'] === 'graph-model' || (isObject(topology) && ('node' in topology || 'library' in topology))
  if (isGraphModel) {
    throw graphModel(file)
  }
  if (isObject(topology)) return topology
  if (typeof description['class_name'] === 'string' && 'config' in description) {
    throw new VebiError(
      'unsupported',
      `${file} is a Keras model description without weights; a TF.js LayersModel is needed.`,
    )
  }
  throw foreign(file)
}

function graphModel(file: string): VebiError {
  return new VebiError(
    'unsupported',
    `${file} is a TF.js graph model, whose layers were merged into TensorFlow operations; only TF.js LayersModels can be read.`,
  )
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
