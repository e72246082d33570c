import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Graph } from '../../shared/graph.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { Importer, OpenOptions } from './importer.ts'
import { kerasArchiveImporter } from './keras-archive/index.ts'
import { kerasHdf5Importer } from './keras-hdf5/index.ts'
import { matConvNetImporter } from './matconvnet/index.ts'
import { onnxImporter } from './onnx/index.ts'
import { ownScaling } from './own-scaling.ts'
import { refusePyTorch } from './pytorch.ts'
import { readWeights } from './read-weights.ts'
import { savedModelImporter } from './saved-model/index.ts'
import { tfjsGraphImporter } from './tfjs-graph/index.ts'
import { tfjsLayersImporter } from './tfjs-layers/index.ts'

export type { Importer, OpenOptions } from './importer.ts'

export const importers: readonly Importer[] = [
  tfjsGraphImporter,
  tfjsLayersImporter,
  kerasHdf5Importer,
  kerasArchiveImporter,
  onnxImporter,
  savedModelImporter,
  matConvNetImporter,
]

/** Other formats, by the ending of the file, for the sentence that refuses them. */
const OTHER_FORMATS: Readonly<Record<string, string>> = {
  '.pbtxt': 'a TensorFlow graph as text',
  '.tflite': 'a TensorFlow Lite model',
  '.caffemodel': 'a Caffe model',
}

/**
 * Opens a model of any known format in this process, which is for files that this program made itself; others are
 * opened in `isolated/`. Throws VebiError with one sentence that names the path and the reason.
 */
export async function openModel(location: string, options: OpenOptions = {}): Promise<Graph> {
  return readWeights(await parseModel(location, options))
}

/** The graph as its importer leaves it: without its hash, and with large weights still in their files. */
export async function parseModel(location: string, options: OpenOptions = {}): Promise<Graph> {
  for (const importer of importers) {
    if (await importer.match(location)) return withOwnScaling(await importer.open(location, options))
  }
  throw await refusal(location)
}

/** What a file states of its images goes before what its network shows. */
function withOwnScaling(graph: Graph): Graph {
  const own = graph.suggestion?.preprocessing ? undefined : ownScaling(graph)
  return own ? { ...graph, suggestion: { ...own, classes: graph.suggestion?.classes ?? null } } : graph
}

/**
 * What a path is as a model, by a look at its name and beginning: one that an importer takes, a model in a format that
 * is not read (with the sentence that refuses it), or null where it is no model.
 */
export async function recogniseModel(location: string): Promise<{ supported: boolean; sentence: string } | null> {
  for (const importer of importers) {
    if (!(await importer.match(location))) continue
    const refused = await importer.glance(location)
    return { supported: refused === null, sentence: refused ?? `${/^[AEIO]/.test(importer.name) ? 'An' : 'A'} ${importer.name}.` }
  }
  const error = await refusal(location)
  return error.code === 'unsupported' ? { supported: false, sentence: error.message } : null
}

async function refusal(location: string): Promise<VebiError> {
  let isFolder: boolean
  try {
    isFolder = (await stat(location)).isDirectory()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return new VebiError('missing-file', `${location} does not exist.`)
    return new VebiError('bad-file', `${location} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  if (isFolder) {
    const reason = 'is a folder without a model.json or a saved_model.pb, so it holds no model of TF.js or TensorFlow'
    return new VebiError('bad-file', `${location} ${reason}.`)
  }
  const pytorch = await refusePyTorch(location)
  if (pytorch) return pytorch
  const format = OTHER_FORMATS[path.extname(location).toLowerCase()]
  if (format) return notSupported(location, format)
  return new VebiError(
    'bad-file',
    `${location} is not a model in a known format (${importers.map(({ name }) => name).join(', ')}).`,
  )
}

function notSupported(location: string, format: string): VebiError {
  return new VebiError(
    'unsupported',
    `${location} is ${format}, which this version does not read: convert it to ONNX.`,
  )
}
