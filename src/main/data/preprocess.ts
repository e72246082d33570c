import { toGrey } from './decode.ts'
import { placeWindow, resampleBilinear, resampleNearest } from './resample.ts'
import type { Mask, Preprocessing, RawImage } from './types.ts'

/**
 * The image as the network sees it, still 8-bit: `[height, width, channels]` of the preprocessing, in RGB whatever the
 * network's order. Colour becomes grey before resizing, grey is repeated over three channels after it. An image that
 * has the right size and channels is returned as it is.
 */
export function displayImage(image: RawImage, preprocessing: Preprocessing): RawImage {
  const matching = preprocessing.channels === 1 ? toGrey(image) : image
  const resized = hasSize(matching, preprocessing)
    ? matching
    : resampleBilinear(matching, placeWindow(matching, preprocessing, preprocessing.resize))
  return preprocessing.channels === 3 ? repeatGrey(resized) : resized
}

/** The network's input, `[height, width, channels]`: the displayed image, (sample * scale - mean[c]) / std[c]. */
export function preprocess(image: RawImage, preprocessing: Preprocessing): Float32Array {
  const values = new Float32Array(preprocessing.height * preprocessing.width * preprocessing.channels)
  preprocessInto(image, preprocessing, values, 0)
  return values
}

/** Same, written into a larger array from `offset` on. */
export function preprocessInto(
  image: RawImage, preprocessing: Preprocessing, target: Float32Array, offset: number,
): void {
  const { data } = displayImage(image, preprocessing)
  const table = sampleTable(preprocessing)
  if (preprocessing.channels === 1) {
    for (let sample = 0; sample < data.length; sample++) target[offset + sample] = table[data[sample]]!
    return
  }
  const first = preprocessing.order === 'rgb' ? 0 : 2
  for (let sample = 0; sample < data.length; sample += 3) {
    target[offset + sample] = table[data[sample + first]]!
    target[offset + sample + 1] = table[256 + data[sample + 1]]!
    target[offset + sample + 2] = table[512 + data[sample + 2 - first]]!
  }
}

/** The mask in the geometry of the network's input, `[height, width]`, by nearest neighbour. */
export function preprocessMask(mask: Mask, preprocessing: Preprocessing): Mask {
  if (hasSize(mask, preprocessing)) return mask
  return resampleNearest(mask, placeWindow(mask, preprocessing, preprocessing.resize))
}

const tables = new WeakMap<Preprocessing, Float32Array>()

/** The value of each sample, `[channels, 256]` in the network's channel order; computed in float64, then rounded. */
function sampleTable(preprocessing: Preprocessing): Float32Array {
  let table = tables.get(preprocessing)
  if (table === undefined) {
    const { channels, scale, mean, std } = preprocessing
    table = new Float32Array(channels * 256)
    for (let channel = 0; channel < channels; channel++) {
      for (let sample = 0; sample < 256; sample++) {
        table[channel * 256 + sample] = (sample * scale - mean[channel]) / std[channel]
      }
    }
    tables.set(preprocessing, table)
  }
  return table
}

function repeatGrey(image: RawImage): RawImage {
  if (image.channels === 3) return image
  const { height, width, data } = image
  const repeated = new Uint8Array(data.length * 3)
  for (let pixel = 0; pixel < data.length; pixel++) repeated.fill(data[pixel], pixel * 3, pixel * 3 + 3)
  return { height, width, channels: 3, data: repeated }
}

function hasSize(image: { height: number; width: number }, size: { height: number; width: number }): boolean {
  return image.height === size.height && image.width === size.width
}
