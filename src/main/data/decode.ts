import sharp from 'sharp'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { Mask, RawImage } from './types.ts'

/** Images with more pixels are refused before they are decoded. */
export const MAX_PIXELS = 100_000_000

const FORMATS = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff'])

// Every buffer is decoded once, so libvips' cache of operations would only hold memory.
sharp.cache(false)

/**
 * Decodes PNG, JPEG, WebP, GIF or TIFF (first frame or page), told by content and not by the file's ending, to 8-bit
 * sRGB `[height, width, 3]`, or `[height, width, 1]` where the file stores grey. EXIF orientation and embedded colour
 * profiles are applied, CMYK becomes sRGB, 16-bit samples keep their high byte, and transparency lies on black.
 * Throws VebiError('bad-file') naming the image when it is damaged, truncated, foreign, larger than `MAX_PIXELS` or
 * has samples that are not 8-bit or 16-bit integers.
 */
export async function decodeImage(encoded: Uint8Array, name: string): Promise<RawImage> {
  try {
    const image = sharp(encoded, { failOn: 'error', limitInputPixels: MAX_PIXELS, autoOrient: true })
    const { format, space, depth } = await image.metadata()
    if (!FORMATS.has(format)) throw new Error(`${format} is not one of PNG, JPEG, WebP, GIF and TIFF`)
    // libvips would read float samples as 0..255 although the usual range is 0..1, and give black.
    if (depth !== 'uchar' && depth !== 'ushort') throw new Error(`its samples are of type ${depth}, not 8 or 16 bit`)
    const { data, info } = await image
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels`)
    const { height, width } = info
    const isGrey = space === 'b-w' || space === 'grey16'
    return isGrey
      ? { height, width, channels: 1, data: firstOfThree(data) }
      : { height, width, channels: 3, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  } catch (error) {
    throw new VebiError('bad-file', `"${name}" cannot be decoded: ${decoderReason(error)}.`, { cause: error })
  }
}

/** A grey image as binary mask: 1 above 127, or the samples themselves where none is above 1. Colour counts by luma. */
export async function decodeMask(encoded: Uint8Array, name: string): Promise<Mask> {
  const { height, width, data } = toGrey(await decodeImage(encoded, name))
  const threshold = data.every((sample) => sample <= 1) ? 0 : 127
  return { height, width, data: data.map((sample) => (sample > threshold ? 1 : 0)) }
}

/**
 * ITU-R BT.601 luma, `(299 R + 587 G + 114 B) / 1000` in 16-bit fixed point, rounded; equal to Pillow's
 * `convert('L')`. A grey image is returned as it is.
 */
export function toGrey(image: RawImage): RawImage {
  if (image.channels === 1) return image
  const { height, width, data } = image
  const grey = new Uint8Array(height * width)
  for (let pixel = 0, sample = 0; pixel < grey.length; pixel++, sample += 3) {
    grey[pixel] = (data[sample] * 19595 + data[sample + 1] * 38470 + data[sample + 2] * 7471 + 0x8000) >> 16
  }
  return { height, width, channels: 1, data: grey }
}

function firstOfThree(samples: Uint8Array): Uint8Array {
  const first = new Uint8Array(samples.length / 3)
  for (let pixel = 0; pixel < first.length; pixel++) first[pixel] = samples[pixel * 3]!
  return first
}

/** libvips reports several lines, often the same twice, some with a full stop. */
function decoderReason(error: unknown): string {
  return reasonOf(error).split('\n')[0].trim().replace(/\.$/, '')
}
