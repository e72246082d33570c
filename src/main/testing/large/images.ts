import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { randomStream } from '../../../core/random.ts'

export const CLASSES = 1000
/** Height and width of the images. */
export const SIDE = 16
export const TRAIN_PER_CLASS = 2
/** Test images, one of each class; the first ones have masks. */
export const MASKED = 300

const GROUPS = ['warbler', 'terrier', 'orchid', 'sailing boat', 'beetle', 'loaf', 'lantern', 'teapot', 'lizard', 'drum']
const KINDS = ['red', 'spotted', 'alpine', 'long-tailed', 'dwarf', 'striped', 'northern', 'crested', 'common', 'great']
const PLACES = [
  'of the marsh',
  'of the high plateau',
  'of the coast',
  'with a narrow brim',
  'in its winter coat',
  'from the southern islands',
  'of the old workshop',
  'without a handle',
  'seen from behind',
  'of which only a few drawings in the older catalogues are known',
]

/** Names of all lengths, none twice. */
export const CLASS_NAMES: readonly string[] = Array.from({ length: CLASSES }, (_, j) => {
  return `${KINDS[j % 10]} ${GROUPS[Math.floor(j / 10) % 10]} ${PLACES[Math.floor(j / 100)]}`
})

/** A pattern of its class, `[SIDE, SIDE, 3]`, with noise; `index` 0 is without. */
export function drawImage(classIndex: number, index: number): Uint8Array {
  const pattern = randomStream(11, classIndex)
  const noise = randomStream(12, classIndex, index)
  const cells = Uint8Array.from({ length: 48 }, () => 30 + ((pattern.next() >>> 24) * 195) / 255)
  const amplitude = index === 0 ? 0 : NOISE
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / (3 * SIDE)), Math.floor(i / 3) % SIDE, i % 3]
    const cell = (Math.floor(y / 4) * 4 + Math.floor(x / 4)) * 3 + c
    return Math.min(255, Math.max(0, cells[cell] + ((noise.next() >> 24) * amplitude) / 128))
  })
}

/** Largest change of a sample. */
const NOISE = 90

export interface LargeImages {
  /** DATA arguments. */
  readonly train: string
  readonly test: string
  /** File of class names. */
  readonly labels: string
}

export async function writeLargeImages(folder: string): Promise<LargeImages> {
  await mkdir(join(folder, 'images'), { recursive: true })
  const labels = join(folder, 'labels.txt')
  await writeFile(labels, `${CLASS_NAMES.join('\n')}\n`)
  const train = join(folder, 'train.csv')
  const test = join(folder, 'test.csv')
  const indexes = Array.from({ length: TRAIN_PER_CLASS }, (_, i) => i + 1)
  const trainRows = await inTurn(CLASS_NAMES, async (name, j) => {
    const paths = await Promise.all(indexes.map((index) => writeImage(folder, j, index)))
    return paths.map((path) => `${path},${name}`).join('\n')
  })
  const testRows = await inTurn(CLASS_NAMES, async (name, j) => {
    const path = await writeImage(folder, j, TRAIN_PER_CLASS + 1)
    return `${path},${name},${j < MASKED ? await writeMask(folder, j) : ''}`
  })
  await writeFile(train, `path,label\n${trainRows.join('\n')}\n`)
  await writeFile(test, `path,label,mask\n${testRows.join('\n')}\n`)
  return { train, test, labels }
}

/** All at once would have thousands of files open. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const together = 16
  for (let first = 0; first < items.length; first += together) {
    const some = items.slice(first, first + together)
    results.push(...(await Promise.all(some.map((item, i) => work(item, first + i)))))
  }
  return results
}

async function writeImage(folder: string, classIndex: number, index: number): Promise<string> {
  const path = `images/${String(classIndex).padStart(4, '0')}-${index}.png`
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const
  await sharp(drawImage(classIndex, index), { raw }).png().toFile(join(folder, path))
  return path
}

/** A square whose place follows the class. */
async function writeMask(folder: string, j: number): Promise<string> {
  const path = `images/${String(j).padStart(4, '0')}-mask.png`
  const inside = (y: number, x: number): boolean =>
    Math.abs(y - 4 - (j % 8)) < 4 && Math.abs(x - 4 - ((j >> 3) % 8)) < 4
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (inside(Math.floor(i / SIDE), i % SIDE) ? 255 : 0))
  await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 1 } }).png().toFile(join(folder, path))
  return path
}
