import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { randomIndex, randomStream } from '../../core/random.ts'
import type { SelectionSpec } from '../../shared/jobs.ts'
import type { NewProject } from '../../shared/project-info.ts'
import { activation, convolution, dense, writeLayersModel, type Weights } from './tiny-model.ts'

/**
 * A project whose answers are known beforehand. Pictures of class `red` and `green` have a square of that colour on a
 * dark ground, and a blue square that says nothing. One channel of the network sees red, one green, one blue, one any
 * brightness; the class is decided by the first two alone. Masks lie on the coloured square.
 */

export const PLANTED_SIDE = 24
const SQUARE = 6
const CLASSES = ['green', 'red']

/** Channel of relu1 that decides each class; that of blue and that of brightness decide none. */
export const PLANTED_CHANNELS = { red: 0, green: 1, blue: 2, brightness: 3 } as const

/** All relevant channels of the rectified layer. */
export const PLANTED_SELECTION: SelectionSpec = {
  preset: 'paper',
  layers: 'activations',
  mu: 10,
  nonnegative: false,
  labels: 'true',
}

export interface PlantedOptions {
  /** Every channel sees red and green alike, so that none is more relevant than another. */
  readonly sameChannels?: boolean
  /** More channels that see blue, so that random channels are hardly ever those that decide. */
  readonly bystanders?: number
  /** Masks on the blue square, which decides nothing. */
  readonly wrongMasks?: boolean
  readonly validation?: boolean
}

/** Writes model, images and masks into a new temporary folder. */
export async function writePlantedProject(
  options: PlantedOptions = {},
): Promise<{ root: string; options: NewProject }> {
  const root = await mkdtemp(join(tmpdir(), 'vebi-planted-'))
  const detectors = detectorsOf(options)
  await writeLayersModel(join(root, 'model'), plantedWeights(detectors), layersOf(detectors[0].length))
  const roles = [
    { role: 'train', count: 20, seed: 1, masks: false },
    { role: 'test', count: 12, seed: 2, masks: true },
    ...(options.validation ? [{ role: 'validation', count: 6, seed: 3, masks: true }] : []),
  ]
  for (const { role, count, seed, masks } of roles) {
    for (const [label, name] of CLASSES.entries()) {
      for (let i = 0; i < count; i++) {
        const { pixels, square, distractor } = drawPicture(label, randomStream(seed, label, i))
        await writePng(join(root, role, name, `${i}.png`), pixels, 3)
        const mask = options.wrongMasks ? distractor : square
        if (masks) await writePng(join(root, 'masks', role, name, `${i}.png`), mask, 1)
      }
    }
  }
  return {
    root,
    options: {
      folder: join(root, 'project'),
      model: join(root, 'model'),
      train: join(root, 'train'),
      test: join(root, 'test'),
      masks: join(root, 'masks', 'test'),
      preprocessing: { scale: 1 / 255 },
    },
  }
}

interface PlantedPicture {
  /** `[side, side, 3]` */
  readonly pixels: Uint8Array
  /** `[side, side]`, 255 on the square of the class and on the blue one. */
  readonly square: Uint8Array
  readonly distractor: Uint8Array
}

/** The two squares lie in different halves, so that they never touch. */
function drawPicture(label: number, random: ReturnType<typeof randomStream>): PlantedPicture {
  const pixels = Uint8Array.from({ length: PLANTED_SIDE ** 2 * 3 }, () => randomIndex(random, 30))
  const halves = [0, PLANTED_SIDE / 2]
  if (randomIndex(random, 2) === 1) halves.reverse()
  const colours = [label === 1 ? 0 : 1, 2]
  const [square, distractor] = colours.map((colour, which) => {
    const mask = new Uint8Array(PLANTED_SIDE ** 2)
    const top = 2 + randomIndex(random, PLANTED_SIDE - SQUARE - 3)
    const left = halves[which] + 2 + randomIndex(random, PLANTED_SIDE / 2 - SQUARE - 3)
    for (let y = top; y < top + SQUARE; y++) {
      for (let x = left; x < left + SQUARE; x++) {
        mask[y * PLANTED_SIDE + x] = 255
        pixels[(y * PLANTED_SIDE + x) * 3 + colour] = 200 + randomIndex(random, 50)
      }
    }
    return mask
  })
  return { pixels, square, distractor }
}

/** Weights of the channels for each colour, `[colours][channels]`. */
function detectorsOf({ sameChannels = false, bystanders = 0 }: PlantedOptions): number[][] {
  if (sameChannels) {
    return [
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [-1, -1, -1, -1],
    ]
  }
  const more = Array.from({ length: bystanders }, (_, i) => 1 + i / 20)
  return [
    [1, -1, -1, 0.3, ...more.map((weight) => -weight)],
    [-1, 1, -1, 0.3, ...more.map((weight) => -weight)],
    [-1, -1, 1, 0.3, ...more],
  ]
}

/** 1 x 1 convolution: colours to channels; then the classes, from red and green at every place. */
function plantedWeights(detectors: readonly (readonly number[])[]): Weights {
  const channels = detectors[0].length
  const places = PLANTED_SIDE ** 2
  const classes = new Float32Array(places * channels * 2)
  for (let place = 0; place < places; place++) {
    for (const [classIndex, channel] of [PLANTED_CHANNELS.green, PLANTED_CHANNELS.red].entries()) {
      classes[(place * channels + channel) * 2 + classIndex] = 0.2
    }
  }
  return new Map([
    ['conv1/kernel', { shape: [1, 1, 3, channels], values: Float32Array.from(detectors.flat()) }],
    ['conv1/bias', { shape: [channels], values: new Float32Array(channels).fill(-0.2) }],
    ['fc2/kernel', { shape: [places * channels, 2], values: classes }],
    ['fc2/bias', { shape: [2], values: new Float32Array(2) }],
  ])
}

function layersOf(channels: number) {
  return [
    convolution('conv1', channels, 1, {
      strides: [1, 1],
      padding: 'valid',
      batch_input_shape: [null, PLANTED_SIDE, PLANTED_SIDE, 3],
    }),
    activation('relu1', 'relu'),
    { class_name: 'Flatten', config: { name: 'flatten' } },
    dense('fc2', 2),
    activation('softmax', 'softmax'),
  ]
}

async function writePng(file: string, data: Uint8Array, channels: 1 | 3): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const raw = { width: PLANTED_SIDE, height: PLANTED_SIDE, channels }
  await writeFile(file, await sharp(data, { raw }).png({ compressionLevel: 1 }).toBuffer())
}
