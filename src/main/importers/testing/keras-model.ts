import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ErrorCode } from '../../../shared/errors.ts'
import { CLASSES, CONV, FLAT, IMAGE, outcome, sequential } from './outcome.ts'
import type { StoredArray, Tree } from './write-hdf5.ts'
import { temporaryFolder } from './write-model.ts'

export type Weights = Readonly<Record<string, Readonly<Record<string, StoredArray>>>>
export type Outcome = readonly string[] | [ErrorCode, string]

export const MODEL = sequential(IMAGE, CONV, FLAT, CLASSES)
export const WEIGHTS: Weights = {
  conv: { 'conv/kernel:0': array(3, 3, 2, 3), 'conv/bias:0': array(3) },
  classes: { 'classes/kernel:0': array(48, 2), 'classes/bias:0': array(2) },
}
/** The same weights as Keras 3 files them. */
export const NUMBERED: Tree = {
  layers: {
    conv2d: { vars: { name: 'conv', 0: array(3, 3, 2, 3), 1: array(3) } },
    dense: { vars: { name: 'classes', 0: array(48, 2), 1: array(2) } },
  },
}

export function array(...shape: number[]): StoredArray {
  return { shape, values: Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => 0.5) }
}

/** The outcome of opening the first of these files. */
export async function outcomeOfFiles(files: Readonly<Record<string, string | Uint8Array>>): Promise<Outcome> {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content)
  return outcome(path.join(folder, Object.keys(files)[0]))
}
