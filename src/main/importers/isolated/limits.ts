import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

/** What reading one model may take. */
export interface Limits {
  /** From the question to the answer, in milliseconds. */
  readonly time: number
  /** Resident memory of the reading process, in bytes. */
  readonly memory: number
}

/** For a file of any size: the program itself, its libraries and a description of a few megabytes. */
const LEAST_TIME = 60_000
const LEAST_MEMORY = 2 ** 30
/** The file, its values in single precision where it holds half as many bytes, and what is being unpacked. */
const MEMORY_PER_BYTE = 4
/** A slow disk. */
const BYTES_PER_SECOND = 10_000_000

export function limitsFor(modelBytes: number): Limits {
  return {
    time: LEAST_TIME + (modelBytes / BYTES_PER_SECOND) * 1000,
    memory: LEAST_MEMORY + modelBytes * MEMORY_PER_BYTE,
  }
}

/** Of models that keep their weights beside the description or one folder below, as TF.js and TensorFlow do. */
const DESCRIPTION = /(\.json|^saved_model\.pb)$/i

/** Of models that may keep weights in files beside them, as `net.onnx` and `net.onnx_data` or `net.data`. */
const WITH_FILES_BESIDE = /\.onnx$/i

/**
 * Bytes of a model: of the file and those beside it that are named after it, or where it is a description, or a folder,
 * of the files in the folder and in the folders there. 0 where nothing is there, which the reader tells.
 */
export async function bytesOfModel(location: string): Promise<number> {
  const info = await stat(location).catch(() => undefined)
  if (!info) return 0
  if (info.isDirectory()) return bytesInFolder(location, 2)
  const { base, name } = path.parse(location)
  const folder = path.dirname(location)
  if (DESCRIPTION.test(base)) return bytesInFolder(folder, 2)
  return WITH_FILES_BESIDE.test(base) ? bytesInFolder(folder, 1, [`${name}.`, `${name}_`]) : info.size
}

/** @param starts of the names of the files that count. */
async function bytesInFolder(folder: string, depth: number, starts: readonly string[] = ['']): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  let sum = 0
  for (const entry of entries) {
    if (!starts.some((start) => entry.name.startsWith(start))) continue
    const inside = path.join(folder, entry.name)
    if (entry.isDirectory()) sum += depth > 1 ? await bytesInFolder(inside, depth - 1) : 0
    else sum += await stat(inside).then(({ size }) => size, () => 0)
  }
  return sum
}
