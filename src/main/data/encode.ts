import sharp from 'sharp'
import type { RawImage } from './types.ts'

/** The image as PNG, reduced where a side is longer than `maxSide`, never enlarged. */
export async function encodePng(
  { height, width, channels, data }: RawImage,
  maxSide: number,
): Promise<{ bytes: Uint8Array; height: number; width: number }> {
  const encoded = await sharp(data, { raw: { width, height, channels } })
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer({ resolveWithObject: true })
  return { bytes: Uint8Array.from(encoded.data), height: encoded.info.height, width: encoded.info.width }
}
