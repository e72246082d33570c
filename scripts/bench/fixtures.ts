import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createProject } from '../../src/main/app.ts'
import { readIdx } from '../../src/main/data/idx-file.ts'
import type { JobContext } from '../../src/main/jobs/runner.ts'
import { startEngine } from '../../src/main/model/engine.ts'
import { architectures } from '../../src/main/model/training/architectures.ts'
import { saveLayersModel } from '../../src/main/model/training/trainer.ts'

const data = process.env['VEBI_DATA'] ?? resolve(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const mnist = join(data, 'mnist')

export const TRAIN_IMAGES = 60_000
const TEST_IMAGES = 1000
const PIXELS = 28 * 28

/** Why MNIST cannot be used, or undefined. */
export function missingData(): string | undefined {
  const images = join(mnist, 'train-images-idx3-ubyte.gz')
  return existsSync(images) ? undefined : `there is no ${images} (VEBI_DATA names the folder above)`
}

export const quiet: JobContext = { signal: new AbortController().signal, report: () => {} }

/** Writes the paper's LeNet with random weights; returns its folder. */
export async function makeLeNet(folder: string): Promise<string> {
  await startEngine()
  const model = architectures.lenet([28, 28, 1], 10, 1)
  await saveLayersModel(model, join(folder, 'lenet'))
  model.dispose()
  return join(folder, 'lenet')
}

/** A project over the first `count` training images of MNIST, unpacked, and 1000 test images. */
export async function makeProject(folder: string, model: string, count: number): Promise<string> {
  const project = join(folder, `mnist-${count}`)
  const train = await unpack('train', count, folder)
  const test = await unpack('t10k', TEST_IMAGES, folder)
  await createProject(project, { model, train, test, preprocessing: { scale: 1 / 255 } })
  return project
}

/** The first `count` images of MNIST's training set and their labels, unpacked by `makeProject`. */
export function unpackedFiles(folder: string, count: number): { readonly images: string; readonly labels: string } {
  return { images: join(folder, `train-${count}-images`), labels: join(folder, `train-${count}-labels`) }
}

async function unpack(role: 'train' | 't10k', count: number, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const images = await readIdx(join(mnist, `${role}-images-idx3-ubyte.gz`))
  const labels = await readIdx(join(mnist, `${role}-labels-idx1-ubyte.gz`))
  const base = join(folder, `${role}-${count}`)
  await writeFile(`${base}-images`, encodeIdx([count, 28, 28], images.data.subarray(0, count * PIXELS)))
  await writeFile(`${base}-labels`, encodeIdx([count], labels.data.subarray(0, count)))
  return `${base}-images:${base}-labels`
}

function encodeIdx(sizes: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header[2] = 0x08
  header[3] = sizes.length
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis))
  return Buffer.concat([header, values])
}
