import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import { parseDescription } from '../keras/description.ts'

const LARGEST_DESCRIPTION = 64 * 1024 * 1024
/** Names that people give to the description beside weights of any name. */
const USUAL_NAMES = ['architecture.json', 'config.json', 'model.json'] as const

export interface Architecture {
  /** `{ class_name, config }`. */
  readonly model: JsonObject
  readonly kerasVersion: string | undefined
}

export interface Beside {
  readonly architecture: Architecture | undefined
  /** What to do where there is none; ends the sentence. */
  readonly advice: string
}

/**
 * The description (`model.to_json()`) beside a file of weights: under its name with the ending .json, or under one of
 * the usual names. JSON that is no description of a Keras model is passed over, except under the file's own name.
 */
export async function readArchitecture(weights: string): Promise<Beside> {
  const folder = path.dirname(weights)
  const own = `${path.basename(weights).replace(/([._]weights)?\.[^.]*$/i, '')}.json`
  for (const name of [own, ...USUAL_NAMES]) {
    const file = path.join(folder, name)
    const size = await sizeOfFile(file)
    if (size === undefined) continue
    const model = await readModel(file, size, name === own)
    if (model) return { architecture: model, advice: '' }
  }
  return { architecture: undefined, advice: `put its description (model.to_json()) beside it as ${own}.` }
}

async function sizeOfFile(file: string): Promise<number | undefined> {
  const info = await stat(file).catch(() => undefined)
  return info?.isFile() ? info.size : undefined
}

async function readModel(file: string, size: number, isOwn: boolean): Promise<Architecture | undefined> {
  try {
    if (size > LARGEST_DESCRIPTION) {
      throw new VebiError('bad-file', `${file} is too large for the description of a model.`)
    }
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
    })
    const model = parseDescription(text, file)
    if (isObject(model) && typeof model['class_name'] === 'string' && 'config' in model) {
      const version = model['keras_version']
      return { model, kerasVersion: typeof version === 'string' ? version : undefined }
    }
    throw new VebiError('bad-model', `${file} is no description of a Keras model (it has no class_name and config).`)
  } catch (error) {
    if (isOwn) throw error
    return undefined
  }
}
