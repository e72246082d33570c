import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discard, failureOf, folderIngredients, holdProject, newProject, type Ingredients } from '../testing/projects.ts'
import { addImage, listAddedImages, MAX_ADDED_BYTES, removeAddedImages } from './added-images.ts'
import { maskOf, pictureOf } from './images.ts'
import type { Project } from './project.ts'

let ingredients: Ingredients
let project: Project
let release: () => void

beforeAll(async () => {
  ingredients = await folderIngredients({ train: 8, test: 4 })
  ;({ project, release } = await holdProject(await newProject(ingredients, 'project')))
})

afterAll(async () => {
  release()
  await discard(ingredients)
})

async function picture(red: number, height = 30, width = 40): Promise<Uint8Array> {
  const create = { width, height, channels: 3, background: { r: red, g: 20, b: 200 } } as const
  return Uint8Array.from(await sharp({ create }).png().toBuffer())
}

/** A PNG of few bytes whose header promises `side * side` pixels. */
function bomb(side: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc(1000), { level: 9 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

/** CRC-32 of ISO 3309, bit by bit. */
function crc(data: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of data) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  }
  return (value ^ 0xffffffff) >>> 0
}

describe('images that the user adds', () => {
  it('are kept once by content, latest first, and can be looked at like those of the data', async () => {
    const red = await picture(250)
    const first = await addImage(project, 'red.png', red)
    const second = await addImage(project, 'dark.png', await picture(3, 5, 7))
    expect(first).toEqual({ id: 'added/1', name: 'red.png', height: 30, width: 40 })
    expect(await addImage(project, 'copy of red.png', Uint8Array.from(red))).toEqual(first)
    expect(listAddedImages(project)).toEqual([second, first])

    const original = await pictureOf(project, 'added/1', 'original', 512)
    expect([original.height, original.width]).toEqual([30, 40])
    const displayed = await pictureOf(project, 'added/2', 'displayed', 512)
    expect([displayed.height, displayed.width]).toEqual([28, 28])
    const { data } = await sharp(displayed.bytes).raw().toBuffer({ resolveWithObject: true })
    expect([...data.subarray(0, 3)]).toEqual([3, 20, 200])
    expect(await failureOf(maskOf(project, 'added/2'))).toEqual({
      code: 'bad-data', sentence: '"dark.png" was added to look at: it has no mask.',
    })
  })

  it('go away for good: all that are named or, where one is not there, none', async () => {
    const before = listAddedImages(project)
    const failure = await failureOf((async () => removeAddedImages(project, ['added/1', 'added/77']))())
    expect(failure).toEqual({
      code: 'bad-argument', sentence: `There is no added image "added/77" in ${project.folder}.`,
    })
    expect((await failureOf((async () => removeAddedImages(project, ['test/0']))())).sentence).toContain('"test/0"')
    expect(listAddedImages(project)).toEqual(before)
    expect(removeAddedImages(project, ['added/1']).map(({ id }) => id)).toEqual(['added/2'])
    expect((await failureOf(pictureOf(project, 'added/1', 'original', 64))).sentence).toBe(
      `There is no image "added/1" in ${project.folder}.`)
    expect((await addImage(project, 'red.png', await picture(250))).id).toBe('added/3')
  })

  it('are refused by name where they do not decode, are too large, or have too many pixels', async () => {
    const before = listAddedImages(project)
    const whole = await picture(9, 300, 300)
    const refusals: [string, Uint8Array, RegExp][] = [
      ['text.png', new TextEncoder().encode('no image at all'), /^"text\.png" cannot be decoded: .*unsupported/],
      ['empty.png', new Uint8Array(0), /^"empty\.png" cannot be decoded: .*empty/i],
      ['cut.png', whole.subarray(0, whole.length - 40), /^"cut\.png" cannot be decoded: /],
      ['bomb.png', bomb(60_000), /^"bomb\.png" cannot be decoded: .*pixel limit/],
    ]
    for (const [name, bytes, sentence] of refusals) {
      const failure = await failureOf(addImage(project, name, bytes))
      expect(failure.code).toBe('bad-file')
      expect(failure.sentence).toMatch(sentence)
    }
    const large = new Uint8Array(MAX_ADDED_BYTES + 1)
    large.set(whole)
    expect(await failureOf(addImage(project, 'large.png', large))).toEqual({
      code: 'bad-file', sentence: '"large.png" has 64.0 MiB; at most 64 MiB can be added.',
    })
    expect(listAddedImages(project)).toEqual(before)
  })

  it('takes a file of exactly the largest size', async () => {
    const large = new Uint8Array(MAX_ADDED_BYTES)
    large.set(await picture(77))
    const { id, name } = await addImage(project, 'padded.png', large)
    expect(name).toBe('padded.png')
    expect((await pictureOf(project, id, 'original', 64)).width).toBe(40)
    removeAddedImages(project, [id])
  })
})
