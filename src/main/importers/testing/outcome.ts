import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ErrorCode } from '../../../shared/errors.ts'
import { openModel, type OpenOptions } from '../index.ts'
import { floatWeight, temporaryFolder, writeModel, type StoredWeight } from './write-model.ts'

/** A layer as a Keras model states it. */
export type Entry = readonly [className: string, config: Readonly<Record<string, unknown>>]

/** A small model that is accepted, and its weights; the refusals vary it. */
export const IMAGE: Entry = ['InputLayer', { name: 'image', batch_input_shape: [null, 6, 6, 2] }]
export const CONV: Entry = ['Conv2D', { name: 'conv', filters: 3, kernel_size: [3, 3] }]
export const FLAT: Entry = ['Flatten', { name: 'flat' }]
export const CLASSES: Entry = ['Dense', { name: 'classes', units: 2 }]
export const WEIGHTS = [
  zeros('conv/kernel', [3, 3, 2, 3]),
  zeros('conv/bias', [3]),
  zeros('classes/kernel', [48, 2]),
  zeros('classes/bias', [2]),
]

export function zeros(name: string, shape: readonly number[]): StoredWeight {
  return floatWeight(name, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))
}

/** A Keras description of these layers in a row. */
export function sequential(...entries: readonly Entry[]): unknown {
  return {
    class_name: 'Sequential',
    config: { name: 'net', layers: entries.map(([class_name, config]) => ({ class_name, config })) },
  }
}

/** Opens and returns the warnings, or the code and the sentence with the folder written as FOLDER. */
export async function outcome(
  location: string,
  options?: OpenOptions,
): Promise<readonly string[] | [ErrorCode, string]> {
  try {
    return (await openModel(location, options)).warnings
  } catch (error) {
    const { code, message } = error as { code: ErrorCode; message: string }
    const folder = path.extname(location) ? path.dirname(location) : location
    return [code, message.replaceAll(folder, 'FOLDER').replaceAll(`${path.sep}model.json`, '/model.json')]
  }
}

/** The outcome of a model of these layers in a row. */
export async function outcomeOf(
  entries: readonly Entry[],
  weights: readonly StoredWeight[] = WEIGHTS,
  options?: OpenOptions,
) {
  return outcome(await writeModel(sequential(...entries), weights), options)
}

/** A temporary folder with these text files. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  return folder
}
