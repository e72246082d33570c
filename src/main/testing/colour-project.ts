import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomIndex, randomStream } from '../../core/random.ts'
import { COLOUR_CHANNELS, saveColourModel } from '../model/testing/colour-model.ts'
import { SIDE, writeIdxPair, type Picture } from './pictures.ts'
import type { Ingredients } from './projects.ts'

export const COLOUR_TRAIN = 120
export const COLOUR_TEST = 60

/** A network of many channels of which one for each class is relevant, and pictures of three colours for it. */
export async function colourIngredients(): Promise<Ingredients> {
  const root = await mkdtemp(join(tmpdir(), 'vebi-colours-'))
  const model = join(root, 'model')
  await saveColourModel(model, SIDE)
  return {
    root,
    model,
    train: await writeIdxPair(root, 'train', drawColours(COLOUR_TRAIN, 5)),
    test: await writeIdxPair(root, 'test', drawColours(COLOUR_TEST, 6)),
  }
}

/** Noise with a disc of the colour of its class anywhere; labels take turns. Brightness says nothing of the class. */
function drawColours(count: number, seed: number): Picture[] {
  const random = randomStream(seed)
  return Array.from({ length: count }, (_, index) => {
    const label = index % COLOUR_CHANNELS.length
    const [row, column] = [6 + randomIndex(random, SIDE - 12), 6 + randomIndex(random, SIDE - 12)]
    const bright = 60 + randomIndex(random, 90)
    const pixels = new Uint8Array(SIDE * SIDE * 3)
    const mask = new Uint8Array(SIDE * SIDE)
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const onDisc = (y - row) ** 2 + (x - column) ** 2 <= 25
        mask[y * SIDE + x] = onDisc ? 255 : 0
        for (let c = 0; c < 3; c++) {
          pixels[(y * SIDE + x) * 3 + c] = randomIndex(random, 100) + (onDisc && c === label ? bright : 0)
        }
      }
    }
    return { label, pixels, mask }
  })
}
