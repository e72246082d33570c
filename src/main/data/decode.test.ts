import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeImage, decodeMask, toGrey } from './decode.ts'
import type { RawImage } from './types.ts'

const RGB = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90]
const GREY = [0, 50, 100, 150, 200, 250]
const RAW_RGB = { raw: { width: 3, height: 2, channels: 3 } } as const
const rgb = () => sharp(Uint8Array.from(RGB), RAW_RGB)
const grey = () => sharp(Uint8Array.from(GREY), { raw: { width: 3, height: 2, channels: 1 } }).toColourspace('b-w')
const noise = () => sharp(
  Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251), { raw: { width: 64, height: 64, channels: 3 } })

/** Height, width, channels and samples in one comparable value. */
const plain = ({ height, width, channels, data }: RawImage) => ({ height, width, channels, data: [...data] })

describe('what is lossless comes back exactly', () => {
  it.each([
    ['PNG', () => rgb().png()],
    ['palette PNG', () => rgb().png({ palette: true })],
    ['WebP', () => rgb().webp({ lossless: true })],
    ['GIF', () => rgb().gif()],
    ['TIFF', () => rgb().tiff({ compression: 'lzw' })],
    ['16-bit PNG', () => sharp(Uint16Array.from(RGB, (sample) => sample * 257),
      RAW_RGB)
      .toColourspace('rgb16').png()],
  ])('colour %s', async (_, make) => {
    expect(plain(await decodeImage(await make().toBuffer(), 'x'))).toEqual(
      { height: 2, width: 3, channels: 3, data: RGB })
  })

  it.each([
    ['PNG', () => grey().png()],
    ['JPEG', () => grey().jpeg({ quality: 100 })],
    ['TIFF', () => grey().tiff({ compression: 'lzw' })],
  ])('grey %s stays one channel', async (_, make) => {
    expect(plain(await decodeImage(await make().toBuffer(), 'x'))).toEqual(
      { height: 2, width: 3, channels: 1, data: GREY })
  })

  it('16-bit grey keeps its high byte', async () => {
    const samples = Uint16Array.from([0, 0x32ff, 0x6480, 0x9600, 0xffff, 1])
    const image = sharp(samples, { raw: { width: 3, height: 2, channels: 1 } })
    const encoded = await image.toColourspace('grey16').png().toBuffer()
    expect((await sharp(encoded).metadata()).depth).toBe('ushort')
    expect([...(await decodeImage(encoded, 'x')).data]).toEqual([0, 0x32, 0x64, 0x96, 0xff, 0])
  })
})

describe('conversions', () => {
  it('lays transparency on black', async () => {
    const samples = Uint8Array.from([200, 100, 50, 255, 200, 100, 50, 128, 200, 100, 50, 0])
    const encoded = await sharp(samples, { raw: { width: 3, height: 1, channels: 4 } }).png().toBuffer()
    const { channels, data } = await decodeImage(encoded, 'x')
    expect(channels).toBe(3)
    const expected = [255, 128, 0].flatMap((alpha) => [200, 100, 50].map((sample) => (sample * alpha) / 255))
    expected.forEach((sample, i) => expect(Math.abs(data[i] - sample)).toBeLessThanOrEqual(1))
  })

  it('lays transparent grey on black and keeps it grey', async () => {
    const samples = Uint8Array.from([200, 255, 200, 128, 200, 0])
    const image = sharp(samples, { raw: { width: 3, height: 1, channels: 2 } })
    const encoded = await image.toColourspace('b-w').png().toBuffer()
    expect(plain(await decodeImage(encoded, 'x'))).toEqual({ height: 1, width: 3, channels: 1, data: [200, 100, 0] })
  })

  it('turns the image as its EXIF orientation says', async () => {
    const encoded = await rgb().png().withMetadata({ orientation: 6 }).toBuffer()
    const pixel = (i: number) => RGB.slice(i * 3, i * 3 + 3)
    expect(plain(await decodeImage(encoded, 'x'))).toEqual({
      height: 3, width: 2, channels: 3, data: [3, 0, 4, 1, 5, 2].flatMap(pixel),
    })
  })

  it('makes sRGB of CMYK', async () => {
    const solid = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 150, g: 110, b: 120 } } })
    const encoded = await solid.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(encoded).metadata()).space).toBe('cmyk')
    const { channels, data } = await decodeImage(encoded, 'x')
    expect(channels).toBe(3)
    const expected = [150, 110, 120]
    data.forEach((sample, i) => expect(Math.abs(sample - expected[i % 3])).toBeLessThan(12))
  })

  it('tells the format by content, not by ending', async () => {
    expect((await decodeImage(await rgb().png().toBuffer(), 'really-a-png.jpg')).channels).toBe(3)
  })
})

/** A TIFF of one row of 32-bit floats, written by hand since sharp only writes integers. */
function floatTiff(samples: number[]): Uint8Array {
  const SHORT = 3
  const LONG = 4
  const tags = [
    [256, LONG, samples.length], [257, LONG, 1], [258, SHORT, 32], [259, SHORT, 1], [262, SHORT, 1], [273, LONG, 0],
    [277, SHORT, 1], [278, LONG, 1], [279, LONG, samples.length * 4], [339, SHORT, 3],
  ] as const
  const start = 8 + 2 + tags.length * 12 + 4
  const bytes = new Uint8Array(start + samples.length * 4)
  const view = new DataView(bytes.buffer)
  bytes.set([0x49, 0x49, 42, 0, 8])
  view.setUint16(8, tags.length, true)
  for (const [i, [tag, type, value]] of tags.entries()) {
    view.setUint16(10 + i * 12, tag, true)
    view.setUint16(12 + i * 12, type, true)
    view.setUint32(14 + i * 12, 1, true)
    view.setUint32(18 + i * 12, tag === 273 ? start : value, true)
  }
  for (const [i, sample] of samples.entries()) view.setFloat32(start + i * 4, sample, true)
  return bytes
}

describe('refusals', () => {
  it.each([
    ['JPEG', () => noise().jpeg()],
    ['progressive JPEG', () => noise().jpeg({ progressive: true })],
    ['PNG', () => noise().png()],
    ['WebP', () => noise().webp()],
    ['GIF', () => noise().gif()],
    ['TIFF', () => noise().tiff({ compression: 'lzw' })],
  ])('a truncated %s', async (_, make) => {
    const encoded = await make().toBuffer()
    for (const length of [encoded.length >> 1, encoded.length - 20]) {
      await expect(decodeImage(encoded.subarray(0, length), 'cat/7.img')).rejects.toThrow(
        /^"cat\/7\.img" cannot be decoded: [^\n]+[^.\n]\.$/)
    }
  })

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['text', new TextEncoder().encode('no image at all')],
    ['SVG', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>')],
  ])('%s', async (_, encoded) => {
    await expect(decodeImage(encoded, 'foreign.png')).rejects.toMatchObject({
      code: 'bad-file', message: expect.stringMatching(/^"foreign\.png" cannot be decoded: .+\.$/) as string,
    })
  })

  it('float samples, which would turn black', async () => {
    const encoded = floatTiff([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect((await sharp(encoded).metadata()).format).toBe('tiff')
    await expect(decodeImage(encoded, 'float.tif')).rejects.toThrow('its samples are of type float, not 8 or 16 bit')
  })

  it('a small file of too many pixels, before decoding it', async () => {
    // The header is the first chunk: length, "IHDR", width, height, five bytes more, CRC of all but the length.
    const encoded = await rgb().png().toBuffer()
    encoded.writeUInt32BE(12_000, 16)
    encoded.writeUInt32BE(9_000, 20)
    encoded.writeUInt32BE(crc32(encoded.subarray(12, 29)), 29)
    expect(await sharp(encoded).metadata()).toMatchObject({ width: 12_000, height: 9_000 })
    await expect(decodeImage(encoded, 'bomb.png')).rejects.toThrow(/^"bomb\.png" cannot be decoded: .*pixel limit/)
  })
})

describe('masks', () => {
  const mask = (samples: number[]) => sharp(Uint8Array.from(samples), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('b-w').png().toBuffer()

  it.each([
    ['0 and 255', [0, 255, 255, 0], [0, 1, 1, 0]],
    ['0 and 1', [0, 1, 1, 0], [0, 1, 1, 0]],
    ['soft edges', [0, 127, 128, 255], [0, 0, 1, 1]],
    ['nothing', [0, 0, 0, 0], [0, 0, 0, 0]],
  ])('%s', async (_, samples, expected) => {
    const { height, width, data } = await decodeMask(await mask(samples), 'm.png')
    expect({ height, width, data: [...data] }).toEqual({ height: 2, width: 2, data: expected })
  })
})

describe('luma', () => {
  const golden = JSON.parse(readFileSync(new URL('../../../scripts/golden/resize.json', import.meta.url), 'utf8')) as {
    luma: { input: string; grey: string }
  }

  it('is equal to Pillow (scripts/golden/resize.py)', () => {
    const data = new Uint8Array(Buffer.from(golden.luma.input, 'base64'))
    const image = toGrey({ height: 16, width: 16, channels: 3, data })
    expect(image).toEqual(
      { height: 16, width: 16, channels: 1, data: new Uint8Array(Buffer.from(golden.luma.grey, 'base64')) })
  })

  it('is the weighted sum, and leaves grey unchanged', () => {
    for (let red = 0; red < 256; red += 15) {
      for (let green = 0; green < 256; green += 15) {
        for (let blue = 0; blue < 256; blue += 15) {
          const value = toGrey({ height: 1, width: 1, channels: 3, data: Uint8Array.of(red, green, blue) }).data[0]
          expect(Math.abs(value - (0.299 * red + 0.587 * green + 0.114 * blue))).toBeLessThan(0.51)
          if (red === green && green === blue) expect(value).toBe(red)
        }
      }
    }
  })
})
