import { expect, test } from 'vitest'
import { openModel } from '../index.ts'
import { imageSuggestion } from './image-metadata.ts'
import { goldenFiles } from './testing/golden-files.ts'
import { onnxFile } from './testing/onnx-file.ts'
import { unpacked } from '../testing/golden-networks.ts'

const RANGE = 'Image.NominalPixelRange'
const FORMAT = 'Image.BitmapPixelFormat'

/** What the network is given for a sample, of the first channel. */
function input(metadata: Readonly<Record<string, string>>, sample: number, channels = 3): number | undefined {
  const said = imageSuggestion(new Map(Object.entries(metadata)), channels)?.preprocessing
  return said ? (said.scale * sample - said.mean[0]) / said.std[0] : undefined
}

test.each([
  ['NominalRange_0_255', 0, 255],
  ['Normalized_0_1', 0, 1],
  ['normalized_1_1', -1, 1],
  ['NominalRange_16_235', 16, 235],
])('%s', (range, black, white) => {
  const metadata = { [RANGE]: range, [FORMAT]: 'Bgr8' }
  expect(input(metadata, 0)).toBeCloseTo(black, 12)
  expect(input(metadata, 255)).toBeCloseTo(white, 12)
})

test('the order of the channels, in any case of letters', () => {
  const order = (format: string, channels: number) =>
    imageSuggestion(new Map([['image.nominalpixelrange', 'NORMALIZED_0_1'], ['IMAGE.BITMAPPIXELFORMAT', format]]), channels)
      ?.preprocessing?.order
  expect([order('Rgb8', 3), order('BGR8', 3), order('gray8', 1)]).toEqual(['rgb', 'bgr', 'rgb'])
  // Not of this network, with transparency, and unknown.
  expect([order('Gray8', 3), order('Bgr8', 1), order('Bgra8', 3), order('Yuv', 3)]).toEqual(Array(4).fill(undefined))
})

test('nothing is guessed from a part of it', () => {
  expect(input({ [RANGE]: 'Normalized_0_1' }, 0)).toBeUndefined()
  expect(input({ [FORMAT]: 'Bgr8' }, 0)).toBeUndefined()
  expect(input({ [FORMAT]: 'Bgr8', [RANGE]: 'other' }, 0)).toBeUndefined()
})

test('a file with both opens with the suggestion', async () => {
  const [{ file }] = goldenFiles('onnx-files.json')
  const entries = Object.entries({ [RANGE]: 'Normalized_1_1', [FORMAT]: 'Bgr8' })
  const bytes = Buffer.concat([unpacked(file), ...entries.map(([key, value]) => metadataEntry(key, value))])
  const { suggestion } = await openModel(await onnxFile(bytes))
  expect(suggestion).toEqual({
    preprocessing: { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], order: 'bgr', resize: 'fit' },
    classes: null,
  })
})

/** Field 14 of the model: an entry of a key and a value. */
function metadataEntry(key: string, value: string): Buffer {
  const field = (number: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content])
  return field(14, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]))
}
