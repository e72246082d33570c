import { open, stat } from 'node:fs/promises'
import type { Graph } from '../../../shared/graph.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildOnnxGraph } from './build.ts'
import { fileGraph } from './file-graph.ts'
import { imageSuggestion } from './image-metadata.ts'
import { readModelMessage, type ModelMessage, type TensorMessage } from './messages.ts'
import { SparseFile } from './sparse-file.ts'

/** Protocol buffers end at 2 GiB; larger models keep their weights in files beside them. */
const LARGEST_FILE = 2 ** 31

/** A model in ONNX (operator set 7 or newer), as PyTorch, tf2onnx and others write it. */
export const onnxImporter: Importer = {
  name: 'ONNX model',

  async match(location) {
    const info = await stat(location).catch(() => undefined)
    return info?.isFile() === true && location.toLowerCase().endsWith('.onnx')
  },

  async glance(location) {
    const start = await firstBytes(location).catch(() => new Uint8Array())
    return looksLikeModel(start) ? null : foreign(location).message
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const model = await readModel(location)
    const producer = [model.producer, model.producerVersion].filter((text) => text !== '').join(' ')
    const graph = await fileGraph(location, model)
    const version = model.operatorSets.get('')
    const source = `ONNX operator set ${version}${producer === '' ? '' : `, ${producer}`}`
    const built = buildOnnxGraph(graph, source, options)
    const suggestion = imageSuggestion(model.metadata, built.nodes[0].shape[2] ?? 0)
    return suggestion ? { ...built, suggestion } : built
  },
}

async function readModel(file: string): Promise<ModelMessage> {
  let sparse: SparseFile
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size >= LARGEST_FILE) throw new Error('it is larger than 2 GiB')
      sparse = new SparseFile(handle.fd, size)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  if (!looksLikeModel(sparse.bytes)) throw foreign(file)
  try {
    const model = readModelMessage(sparse.bytes)
    for (const tensor of model.graph?.initializers ?? []) leaveInFile(tensor, sparse, file)
    return model
  } catch (error) {
    throw new VebiError('bad-file', `${file} is cut off or damaged: ${reasonOf(error)}.`, { cause: error })
  }
}

/** Replaces bytes that were not read by the place where they are. */
function leaveInFile(tensor: TensorMessage, sparse: SparseFile, file: string): void {
  const offset = tensor.raw && sparse.offsetOf(tensor.raw)
  if (tensor.raw === null || offset === null) return
  tensor.place = { file, offset, length: tensor.raw.length }
  tensor.raw = null
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** A model message begins with one of its fields 1 to 25: the version of the format in every known writer. */
function looksLikeModel(bytes: Uint8Array): boolean {
  const [first] = bytes
  if (first === undefined) return false
  const [field, wireType] = [first >> 3, first & 7]
  const isNumber = field === 1 || field === 5
  return isNumber ? wireType === 0 : [2, 3, 4, 6, 7, 8, 14].includes(field) && wireType === 2
}

function foreign(file: string): VebiError {
  return new VebiError('bad-file', `${file} is not an ONNX model, in spite of its name.`)
}
