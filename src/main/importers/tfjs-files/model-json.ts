import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import { parseDescription } from '../keras/description.ts'

/** A description of the largest published models takes a few megabytes; this keeps a stray data file out of memory. */
const LARGEST_MODEL_JSON = 256 * 1024 * 1024
const GLANCE_BYTES = 64 * 1024

/** The description of a TF.js model: the file itself, or model.json in a folder; undefined where it is neither. */
export async function modelJson(location: string): Promise<string | undefined> {
  const info = await stat(location).catch(() => undefined)
  if (info?.isFile()) return location.toLowerCase().endsWith('.json') ? location : undefined
  if (!info?.isDirectory()) return undefined
  const inside = path.join(location, 'model.json')
  return (await stat(inside).catch(() => undefined))?.isFile() ? inside : undefined
}

/** The beginning and the end of a description: its short keys stand on one side of the long lists. */
export async function endsOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(GLANCE_BYTES)
    const read = async (position: number): Promise<string> => {
      const { bytesRead } = await handle.read(bytes, 0, GLANCE_BYTES, position)
      return bytes.toString('utf8', 0, bytesRead)
    }
    return (await read(0)) + (size > GLANCE_BYTES ? await read(Math.max(GLANCE_BYTES, size - GLANCE_BYTES)) : '')
  } finally {
    await handle.close()
  }
}

/** Whether a text that `endsOf` gave is from a GraphModel. */
export function looksLikeGraphModel(ends: string): boolean {
  return /"format"\s*:\s*"graph-model"|"modelTopology"\s*:\s*\{\s*"(node|library|versions)"\s*:/.test(ends)
}

/** Throws VebiError where the file holds no JSON; undefined where that is no object. */
export async function readModelJson(file: string): Promise<JsonObject | undefined> {
  let text: string
  try {
    if ((await stat(file)).size > LARGEST_MODEL_JSON) throw new Error('it is too large for a model description')
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  const value = parseDescription(text, file)
  return isObject(value) ? value : undefined
}
