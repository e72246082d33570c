import { hash } from 'node:crypto'
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { listed } from './files.ts'
import { readIdx } from './idx-file.ts'
import type { IdxFile } from './idx-file.ts'
import type { OpenOptions } from './open-options.ts'
import type { ImageRecord, ImageSource, Mask, RawImage } from './types.ts'

export interface IdxPair {
  readonly images: string
  readonly labels: string
}

/** Images hashed between two looks at the abort signal. */
const HASHED_AT_ONCE = 2048

/**
 * An IDX pair: images `[count, height, width]` or `[count, height, width, 1 or 3]`, labels `[count]`. All pixels stay
 * in memory. Classes are the digits of the labels, or `options.classes` in label order.
 */
export async function openIdx(pair: IdxPair, location: string, options: OpenOptions): Promise<ImageSource> {
  if (options.masks !== undefined) {
    throw new VebiError('bad-argument',
      `A masks folder cannot be used with the IDX pair "${location}": its images have no names.`)
  }
  const images = await readIdx(pair.images, options.signal)
  const labels = await readIdx(pair.labels, options.signal)
  checkPair(pair, images, labels)
  const classes = options.classes ?? Array.from({ length: maximum(labels.data) + 1 }, (_, label) => String(label))
  const unknown = labels.data.findIndex((label) => label >= classes.length)
  if (unknown >= 0) {
    throw new VebiError('bad-data',
      `"${pair.labels}" gives image ${unknown} the label ${labels.data[unknown]}, `
      + `but there are ${classes.length} classes.`)
  }
  const present = new Set(labels.data)
  const absent = classes.filter((_, label) => !present.has(label))
  const notes = absent.length === 0 ? [] : [`No image in "${location}" belongs to: ${listed(absent)}.`]
  const [count, height, width, channels = 1] = images.sizes as [number, number, number, number?]
  const shape = { height, width, channels: channels as 1 | 3 }
  const source = new IdxSource(location, classes, notes, shape, images.data)
  await source.identify(basename(pair.images), labels.data, count, options)
  return source
}

class IdxSource implements ImageSource {
  readonly location: string
  readonly classes: readonly string[]
  readonly notes: readonly string[]
  readonly records: ImageRecord[] = []
  readonly #shape: { readonly height: number; readonly width: number; readonly channels: 1 | 3 }
  readonly #pixels: Uint8Array

  constructor(
    location: string, classes: readonly string[], notes: readonly string[],
    shape: { height: number; width: number; channels: 1 | 3 }, pixels: Uint8Array,
  ) {
    this.location = location
    this.classes = classes
    this.notes = notes
    this.#shape = shape
    this.#pixels = pixels
  }

  async identify(fileName: string, labels: Uint8Array, count: number, options: OpenOptions): Promise<void> {
    for (let index = 0; index < count; index++) {
      if (index % HASHED_AT_ONCE === 0) {
        await setImmediate()
        throwIfCancelled(options.signal)
        options.onProgress?.(index, count)
      }
      this.records.push({
        hash: hash('sha256', this.#samples(index)), label: labels[index], name: `${fileName}#${index}`, hasMask: false,
      })
    }
    options.onProgress?.(count, count)
  }

  async read(index: number): Promise<RawImage> {
    if (this.records[index] === undefined) {
      throw new VebiError('bad-argument', `There is no image ${index} in "${this.location}".`)
    }
    return { ...this.#shape, data: this.#samples(index) }
  }

  async readMask(index: number): Promise<Mask> {
    throw new VebiError('bad-data', `"${this.records[index]?.name ?? index}" has no mask.`)
  }

  #samples(index: number): Uint8Array {
    const { height, width, channels } = this.#shape
    const length = height * width * channels
    return this.#pixels.subarray(index * length, (index + 1) * length)
  }
}

function checkPair(pair: IdxPair, images: IdxFile, labels: IdxFile): void {
  const imageAxes = images.sizes.length
  if (imageAxes === 1 && labels.sizes.length >= 3) {
    throw new VebiError('bad-argument',
      `"${pair.images}" holds labels and "${pair.labels}" images: swap the two ("images:labels").`)
  }
  if (imageAxes < 3) {
    const axes = imageAxes === 1 ? '1 axis' : '2 axes'
    throw new VebiError('bad-file', `"${pair.images}" holds no images: it has ${axes}, images have 3 or 4.`)
  }
  if (labels.sizes.length !== 1) {
    throw new VebiError('bad-file',
      `"${pair.labels}" holds no labels: it has ${labels.sizes.length} axes, labels have 1.`)
  }
  const [count, height, width, channels = 1] = images.sizes as [number, number, number, number?]
  if (channels !== 1 && channels !== 3) {
    throw new VebiError('bad-file', `"${pair.images}" has ${channels} channels (its last axis), not 1 or 3.`)
  }
  if (count === 0 || height === 0 || width === 0) {
    throw new VebiError('bad-file', `"${pair.images}" is empty: its axes are ${images.sizes.join(' x ')}.`)
  }
  if (labels.sizes[0] !== count) {
    throw new VebiError('bad-data',
      `"${pair.images}" holds ${count} images, but "${pair.labels}" ${labels.sizes[0]} labels.`)
  }
}

function maximum(values: Uint8Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}
