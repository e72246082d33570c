import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { Graph } from '../../../shared/graph.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildTensorFlowGraph } from '../tensorflow-graph/build.ts'
import type { Signature, StoredGraph } from '../tensorflow-graph/file-graph.ts'
import { readGraphMessage, type GraphMessage } from '../tensorflow-graph/messages.ts'
import { readSavedModel, type MetaGraph } from './messages.ts'
import { restoredVariables } from './restored.ts'
import { Variables } from './variables.ts'

/** Protocol buffers end at 2 GiB. */
const LARGEST_FILE = 2 ** 31
const MODEL_FILE = 'saved_model.pb'
const USUAL_SIGNATURE = 'serving_default'

/** A TensorFlow SavedModel (its folder, or saved_model.pb in it), or a frozen graph in one file. */
export const savedModelImporter: Importer = {
  name: 'TensorFlow SavedModel or frozen graph',

  async match(location) {
    return (await graphFile(location)) !== undefined
  },

  async glance(location) {
    const file = (await graphFile(location)) ?? location
    const start = await firstByte(file).catch(() => undefined)
    return kindOf(start, file) === undefined ? foreign(file).message : null
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const file = (await graphFile(location)) ?? location
    const bytes = await bytesOf(file)
    const kind = kindOf(bytes[0], file)
    if (!kind) throw foreign(file)
    try {
      if (kind === 'frozen graph') {
        const stored = frozenGraph(file, readGraphMessage(bytes))
        return buildTensorFlowGraph(stored, 'TensorFlow frozen graph', options)
      }
      const meta = servingGraph(file, readSavedModel(bytes).graphs)
      const source = `TensorFlow SavedModel${meta.version === '' ? '' : `, TensorFlow ${meta.version}`}`
      return buildTensorFlowGraph(await savedGraph(file, meta), source, options)
    } catch (error) {
      if (error instanceof VebiError) throw error
      throw new VebiError('bad-file', `${file} is cut off or damaged: ${reasonOf(error)}.`, { cause: error })
    }
  },
}

async function graphFile(location: string): Promise<string | undefined> {
  const info = await stat(location).catch(() => undefined)
  if (info?.isFile()) return location.toLowerCase().endsWith('.pb') ? location : undefined
  if (!info?.isDirectory()) return undefined
  const inside = path.join(location, MODEL_FILE)
  return (await stat(inside).catch(() => undefined))?.isFile() ? inside : undefined
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size >= LARGEST_FILE) throw new Error('it is larger than 2 GiB')
    return await readFile(file)
  } catch (error) {
    throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

async function firstByte(file: string): Promise<number | undefined> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, 0)
    return bytesRead === 1 ? buffer[0] : undefined
  } finally {
    await handle.close()
  }
}

/** By the field that stands first: a SavedModel begins with its version, a GraphDef with a node or its functions. */
function kindOf(first: number | undefined, file: string): 'SavedModel' | 'frozen graph' | undefined {
  if (first === 0x08) return 'SavedModel'
  if (first === 0x12 && path.basename(file) === MODEL_FILE) return 'SavedModel'
  return first === 0x0a || first === 0x12 || first === 0x22 ? 'frozen graph' : undefined
}

function foreign(file: string): VebiError {
  return new VebiError('bad-file', `${file} is neither a TensorFlow SavedModel nor a graph, in spite of its name.`)
}

function frozenGraph(file: string, message: GraphMessage): StoredGraph {
  return {
    file,
    message,
    signature: undefined,
    constant: () => undefined,
    variable: ({ name }) => {
      throw notFrozen(file, name, 'whose values are not in this file')
    },
  }
}

async function savedGraph(file: string, meta: MetaGraph): Promise<StoredGraph> {
  const { graph: message } = meta
  if (!message) throw new VebiError('bad-model', `${file}: the model holds no graph.`)
  const signature = usualSignature(file, meta)
  const variables = await Variables.open(path.dirname(file), file)
  const keys = restoredVariables(message, meta.restoring)
  return {
    file,
    message,
    signature,
    constant: () => undefined,
    variable({ name }) {
      if (!variables) throw notFrozen(file, name, 'but variables/variables.index is missing beside the model')
      const key = keys.get(name)
      if (key === undefined) throw notFrozen(file, name, 'which the model does not say how to read')
      return variables.read(name, key)
    },
  }
}

/** The graph for inference; models may hold another one for training. */
function servingGraph(file: string, graphs: readonly MetaGraph[]): MetaGraph {
  const serving = graphs.filter(({ tags }) => tags.includes('serve'))
  const [graph] = serving.length > 0 ? serving : graphs
  if (graph) return graph
  throw new VebiError('bad-model', `${file}: the model holds no graph.`)
}

function usualSignature(file: string, { signatures }: MetaGraph): Signature | undefined {
  const usual = signatures.get(USUAL_SIGNATURE)
  if (usual) return usual
  // One that only starts the model up has no outputs.
  const others = [...signatures].filter(([, { outputs }]) => outputs.length > 0)
  if (others.length <= 1) return others[0]?.[1]
  const names = others.map(([name]) => `"${name}"`).join(', ')
  throw new VebiError(
    'unsupported',
    `${file}: the model has the signatures ${names}; only one named "${USUAL_SIGNATURE}", or a single one, can be read.`,
  )
}

/** What turns a model whose variables are apart into one file, where it was trained. */
const FREEZING = [
  'import tensorflow as tf',
  'from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2 as freeze',
  'model = tf.saved_model.load("FOLDER")',
  'graph = freeze(model.signatures["serving_default"]).graph',
  'tf.io.write_graph(graph, ".", "frozen_graph.pb", as_text=False)',
]

function notFrozen(file: string, node: string, reason: string): VebiError {
  return new VebiError(
    'unsupported',
    `${file}: node "${node}" is a variable, ${reason}; freeze the model in Python: ${FREEZING.join('; ')}.`,
  )
}
