import { hash } from 'node:crypto'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { decodeImage, decodeMask } from './decode.ts'
import { byCodeUnits, readWhole } from './files.ts'
import type { OpenOptions } from './open-options.ts'
import type { ImageRecord, ImageSource, Mask, RawImage } from './types.ts'

/** An image file with its label, before its content is known. */
export interface LabelledFile {
  readonly path: string
  readonly name: string
  readonly label: number
  readonly maskPath: string | null
}

export interface FileSourceParts {
  readonly location: string
  readonly classes: readonly string[]
  readonly files: readonly LabelledFile[]
  readonly notes: readonly string[]
}

/** Files read at the same time while hashing; enough to hide the disk's latency. */
const READERS = 8

/** A source whose images are one file each, in the order of their names. */
export async function openFiles(parts: FileSourceParts, options: OpenOptions): Promise<ImageSource> {
  const files = parts.files.toSorted((a, b) => byCodeUnits(a.name, b.name))
  const hashes = await hashFiles(files, options)
  return new FileSource(parts, files, hashes)
}

class FileSource implements ImageSource {
  readonly location: string
  readonly classes: readonly string[]
  readonly notes: readonly string[]
  readonly records: readonly ImageRecord[]
  readonly #files: readonly LabelledFile[]

  constructor(parts: FileSourceParts, files: readonly LabelledFile[], hashes: readonly string[]) {
    this.location = parts.location
    this.classes = parts.classes
    this.notes = parts.notes
    this.#files = files
    this.records = files.map(({ name, label, maskPath }, index) => (
      { hash: hashes[index], label, name, hasMask: maskPath !== null }))
  }

  async read(index: number): Promise<RawImage> {
    const { name } = this.#file(index)
    return decodeImage(await this.#unchangedBytes(index), name)
  }

  async readMask(index: number): Promise<Mask> {
    const { maskPath, name } = this.#file(index)
    if (maskPath === null) throw new VebiError('bad-data', `"${name}" has no mask.`)
    const [image, mask] = await Promise.all([
      this.read(index),
      readWhole(maskPath, maskPath).then((encoded) => decodeMask(encoded, maskPath)),
    ])
    if (mask.height !== image.height || mask.width !== image.width) {
      throw new VebiError('bad-data',
        `The mask "${maskPath}" is ${mask.width} x ${mask.height}, `
        + `its image "${name}" ${image.width} x ${image.height} pixels.`)
    }
    return mask
  }

  /** The bytes that were hashed: cached results are keyed by the hash, so other bytes must not pass for them. */
  async #unchangedBytes(index: number): Promise<Uint8Array> {
    const { path, name } = this.#file(index)
    const encoded = await readWhole(path, name)
    if (hash('sha256', encoded) !== this.records[index].hash) {
      throw new VebiError('bad-file', `"${name}" has changed since the data was opened.`)
    }
    return encoded
  }

  #file(index: number): LabelledFile {
    const file = this.#files[index]
    if (file === undefined) throw new VebiError('bad-argument', `There is no image ${index} in "${this.location}".`)
    return file
  }
}

async function hashFiles(files: readonly LabelledFile[], options: OpenOptions): Promise<string[]> {
  const { onProgress, signal } = options
  const hashes = new Array<string>(files.length)
  let next = 0
  let done = 0
  const reader = async () => {
    while (next < files.length) {
      throwIfCancelled(signal)
      const index = next++
      const { path, name } = files[index]
      hashes[index] = hash('sha256', await readWhole(path, name))
      onProgress?.(++done, files.length)
    }
  }
  await Promise.all(Array.from({ length: READERS }, reader))
  return hashes
}
