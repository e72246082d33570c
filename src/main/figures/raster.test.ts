import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { RawImage } from '../data/types.ts'
import { enlarge, imageElement, montage, toGray } from './raster.ts'

const CHECKER_SAMPLES = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9)
const CHECKER: RawImage = { height: 2, width: 2, channels: 3, data: CHECKER_SAMPLES }
const GRAY: RawImage = { height: 1, width: 3, channels: 1, data: Uint8Array.of(0, 100, 255) }

async function embedded(element: string): Promise<{ data: Buffer; width: number; height: number; channels: number }> {
  const png = Buffer.from(/base64,([^"]*)"/.exec(element)![1], 'base64')
  const stored = await sharp(png).metadata()
  // Without being told, sharp decodes gray into three equal channels.
  const decoded = sharp(png).toColourspace(stored.channels === 1 ? 'b-w' : 'srgb').raw()
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true })
  return { data, ...info }
}

describe('imageElement', () => {
  it.each([CHECKER, GRAY])('embeds each sample exactly, enlarged by a whole factor', async (image) => {
    const element = await imageElement(image, { x: 0, y: 0, width: 5, height: 5 })
    const { data, width, height, channels } = await embedded(element)
    const factor = Math.floor(20 / image.width)
    expect([height, width, channels]).toEqual([image.height * factor, image.width * factor, image.channels])
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = (Math.floor(y / factor) * image.width + Math.floor(x / factor)) * channels
        for (let c = 0; c < channels; c++) {
          expect(data[(y * width + x) * channels + c]).toBe(image.data[source + c])
        }
      }
    }
    expect(element).toContain('image-rendering="optimizeSpeed"')
  })

  it('leaves an image of the right density as it is and reduces one that is far too fine', async () => {
    const fine: RawImage = { height: 90, width: 90, channels: 1, data: new Uint8Array(8100).fill(77) }
    const kept = await imageElement(fine, { x: 0, y: 0, width: 20, height: 20 })
    expect((await embedded(kept)).width).toBe(90)
    expect(kept).not.toContain('image-rendering')
    const reduced = await embedded(await imageElement(fine, { x: 0, y: 0, width: 5, height: 5 }))
    expect(reduced.width).toBe(30)
    expect(new Set(reduced.data)).toEqual(new Set([77]))
  })

  it('refuses samples that do not fit the size', async () => {
    const broken = { ...CHECKER, width: 3 }
    const drawn = imageElement(broken, { x: 0, y: 0, width: 5, height: 5 })
    await expect(drawn).rejects.toThrow('2 x 3 x 3 samples but holds 12')
  })
})

it('lays a montage row by row with white between', () => {
  const others = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)].map((data) => ({ ...GRAY, data }))
  const sheet = montage([GRAY, ...others], 2, 1)
  expect([sheet.height, sheet.width]).toEqual([3, 7])
  expect([...sheet.data]).toEqual([
    ...[0, 100, 255, 255, 1, 2, 3],
    ...[255, 255, 255, 255, 255, 255, 255],
    ...[4, 5, 6, 255, 255, 255, 255],
  ])
  expect(() => montage([GRAY, CHECKER], 2, 1)).toThrow('Image 1')
  expect(() => montage([], 2, 1)).toThrow('at least one')
})

it('reduces colour to luma', () => {
  expect([...toGray(CHECKER).data]).toEqual([76, 150, 29, 9])
  expect(toGray(GRAY)).toBe(GRAY)
  expect(enlarge(GRAY, 1)).toBe(GRAY)
})
