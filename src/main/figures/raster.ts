import sharp from 'sharp'
import { applyColourMap } from '../../core/colour-maps.ts'
import type { ColourMapName } from '../../core/colour-maps.ts'
import { VebiError } from '../../shared/errors.ts'
import type { RawImage } from '../data/types.ts'
import { embeddedImage } from './svg.ts'
import type { Box } from './svg.ts'
import type { Heatmap } from './types.ts'

/** Density below which an image is enlarged and above which it is reduced before it is embedded. */
const FEWEST_PIXELS_PER_POINT = 4
const MOST_PIXELS_PER_POINT = 6

/**
 * The image as an SVG element that fills a box. A coarse image is enlarged by a whole factor and drawn without
 * interpolation: pixels are squares in every viewer, and no resampling lays a grid over a heatmap. A much too fine
 * one is reduced, because viewers skip pixels. The encoder's settings are fixed: equal images give equal text.
 */
export async function imageElement(image: RawImage, box: Box, attributes = ''): Promise<string> {
  const factor = Math.max(1, Math.floor((box.width * FEWEST_PIXELS_PER_POINT) / image.width))
  const { height, width, channels, data } = enlarge(checked(image), factor)
  const most = Math.ceil(box.width * MOST_PIXELS_PER_POINT)
  const encoder = sharp(data, { raw: { width, height, channels } })
  if (width > most) encoder.resize({ width: most, kernel: 'lanczos3' })
  const png = await encoder
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 9, adaptiveFiltering: false, palette: false, progressive: false })
    .toBuffer()
  const rendering = factor > 1 ? ' image-rendering="optimizeSpeed"' : ''
  const uri = `data:image/png;base64,${png.toString('base64')}`
  return embeddedImage(uri, box, `${attributes}${rendering}`)
}

/** Every pixel becomes a square of `factor` by `factor` pixels. */
export function enlarge(image: RawImage, factor: number): RawImage {
  if (factor === 1) return image
  const { channels } = image
  const [height, width] = [image.height * factor, image.width * factor]
  const data = new Uint8Array(height * width * channels)
  for (let y = 0; y < height; y++) {
    const sourceRow = Math.floor(y / factor) * image.width
    for (let x = 0; x < width; x++) {
      const source = (sourceRow + Math.floor(x / factor)) * channels
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = image.data[source + c]!
    }
  }
  return { height, width, channels, data }
}

/** Pixels with opacity (`[height, width, 4]`) laid over an image of the same size; the result is in colour. */
export function blend(image: RawImage, rgba: Uint8ClampedArray): RawImage {
  const { height, width, channels } = checked(image)
  const data = new Uint8Array(height * width * 3)
  for (let i = 0; i < height * width; i++) {
    const share = rgba[i * 4 + 3] / 255
    for (let c = 0; c < 3; c++) {
      const below = image.data[i * channels + (channels === 1 ? 0 : c)]
      data[i * 3 + c] = Math.round(below + (rgba[i * 4 + c] - below) * share)
    }
  }
  return { height, width, channels: 3, data }
}

function checked(image: RawImage): RawImage {
  const { height, width, channels, data } = image
  if (!(height > 0 && width > 0) || data.length !== height * width * channels) {
    throw new VebiError(
      'bad-data',
      `An image of a figure should hold ${height} x ${width} x ${channels} samples but holds ${data.length}.`,
    )
  }
  return image
}

/** Colours a heatmap over its own locked range. */
export function colourHeatmap(map: Heatmap, name: ColourMapName): RawImage {
  const { height, width, data, min, max } = map
  return { height, width, channels: 3, data: applyColourMap(name, data, min, max).rgb }
}

/** Luma (ITU-R BT.601), so that only the heatmap brings colour into an overlay. */
export function toGray(image: RawImage): RawImage {
  if (image.channels === 1) return image
  const data = Uint8Array.from({ length: image.height * image.width }, (_, i) =>
    Math.round(0.299 * image.data[i * 3] + 0.587 * image.data[i * 3 + 1] + 0.114 * image.data[i * 3 + 2]),
  )
  return { height: image.height, width: image.width, channels: 1, data }
}

/**
 * Images of one size side by side in rows, with a white line of `gap` pixels between them.
 * Throws VebiError('bad-data') when sizes or channels differ.
 */
export function montage(images: readonly RawImage[], columns: number, gap: number): RawImage {
  const first = images[0]
  if (!first) throw new VebiError('bad-data', 'A montage needs at least one image.')
  const used = Math.min(columns, images.length)
  const rows = Math.ceil(images.length / used)
  const { channels } = first
  const height = rows * (first.height + gap) - gap
  const width = used * (first.width + gap) - gap
  const data = new Uint8Array(height * width * channels).fill(255)
  images.forEach((image, index) => {
    if (image.height !== first.height || image.width !== first.width || image.channels !== channels) {
      throw new VebiError('bad-data', `Image ${index} of a montage differs in size or channels from the first.`)
    }
    const [top, left] = [Math.floor(index / used) * (image.height + gap), (index % used) * (image.width + gap)]
    const rowLength = image.width * channels
    for (let y = 0; y < image.height; y++) {
      const row = image.data.subarray(y * rowLength, (y + 1) * rowLength)
      data.set(row, ((top + y) * width + left) * channels)
    }
  })
  return { height, width, channels, data }
}
