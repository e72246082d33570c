import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { randomIndex, randomStream } from '../../core/random.ts'

/** Height and width of the pictures and of the tiny model's input. */
export const SIDE = 28

export const CLASSES = ['a', 'b', 'c', 'd']

/** One picture in ten shows the disc of another class, so that no network can be right about all of them. */
const MISLEADING = 10

export interface Picture {
  readonly label: number
  /** `[SIDE, SIDE, 3]`. */
  readonly pixels: Uint8Array
  /** `[SIDE, SIDE]`, 255 on the disc. */
  readonly mask: Uint8Array
}

/** Noise with a bright disc in the quadrant of its class; labels take turns. No two pictures or seeds are alike. */
export function drawPictures(count: number, seed: number): Picture[] {
  const random = randomStream(seed)
  return Array.from({ length: count }, (_, index) => {
    const label = index % CLASSES.length
    const shown = randomIndex(random, MISLEADING) === 0 ? randomIndex(random, CLASSES.length) : label
    const row = 7 + 14 * Math.floor(shown / 2) + randomIndex(random, 5) - 2
    const column = 7 + 14 * (shown % 2) + randomIndex(random, 5) - 2
    const pixels = new Uint8Array(SIDE * SIDE * 3)
    const mask = new Uint8Array(SIDE * SIDE)
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const onDisc = (y - row) ** 2 + (x - column) ** 2 <= 20
        mask[y * SIDE + x] = onDisc ? 255 : 0
        for (let c = 0; c < 3; c++) {
          const bright = onDisc && c !== shown % 3
          pixels[(y * SIDE + x) * 3 + c] = randomIndex(random, 90) + (bright ? 150 : 0)
        }
      }
    }
    return { label, pixels, mask }
  })
}

/** Writes an IDX pair and returns it as a DATA argument. */
export async function writeIdxPair(folder: string, name: string, pictures: readonly Picture[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const images = join(folder, `${name}-images`)
  const labels = join(folder, `${name}-labels`)
  await writeFile(images, [idxHeader(pictures.length, SIDE, SIDE, 3), ...pictures.map(({ pixels }) => pixels)])
  await writeFile(labels, [idxHeader(pictures.length), Uint8Array.from(pictures, ({ label }) => label)])
  return `${images}:${labels}`
}

function idxHeader(...sizes: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
  header.setUint8(2, 0x08)
  header.setUint8(3, sizes.length)
  sizes.forEach((size, axis) => header.setUint32(4 + 4 * axis, size))
  return new Uint8Array(header.buffer)
}

/** Writes PNG files `<class>/<number>.png` and, where a folder for them is given, masks by the same names. */
export async function writeClassFolders(
  folder: string,
  pictures: readonly Picture[],
  masks?: string,
): Promise<void> {
  for (const [index, { label, pixels, mask }] of pictures.entries()) {
    const name = join(CLASSES[label], `${String(index).padStart(4, '0')}.png`)
    await writePng(join(folder, name), pixels, 3)
    if (masks !== undefined) await writePng(join(masks, name), mask, 1)
  }
}

async function writePng(file: string, data: Uint8Array, channels: 1 | 3): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const raw = { width: SIDE, height: SIDE, channels }
  await writeFile(file, await sharp(data, { raw }).png({ compressionLevel: 1 }).toBuffer())
}
