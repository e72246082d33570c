import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flowerSpec, renderFlower } from '../../core/an8flower/flower.ts'
import { generateAn8Flower, type GenerateRequest, splitCounts } from './generate.ts'
import type { JobContext, Step } from './runner.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vebi-generate-'))
})
afterAll(() => rm(folder, { recursive: true }))

const quiet = (): JobContext => ({ signal: new AbortController().signal, report: () => {} })
const requestFor = (name: string, changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  ({ variant: 'single-6c', seed: 5, count: 4, out: join(folder, name), ...changes })

/** Relative path to bytes, as text, of every file below the folder. */
async function contents(root: string): Promise<Record<string, string>> {
  const paths = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const files = paths.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [path.slice(root.length + 1), (await readFile(path)).toString('latin1')] as const
  })
  return Object.fromEntries((await Promise.all(files)).sort())
}

describe('generateAn8Flower', () => {
  it('writes images, masks by the same names, and the description', async () => {
    const steps: Step[] = []
    const request = requestFor('layout')
    const result = await generateAn8Flower(request, { ...quiet(), report: (step) => steps.push(step) })
    expect(result).toEqual({ classes: 6, written: 42, kept: 0 })
    expect(steps[0]).toEqual({ phase: 'generate', done: 0, total: 42, unit: 'images' })
    expect(steps.at(-1)?.done).toBe(42)

    const files = Object.keys(await contents(request.out))
    const images = files.filter((file) => /^(train|validation|test)\//.test(file))
    expect(images.length).toBe(42)
    expect(files.length).toBe(2 * 42 + 1)
    for (const image of images) expect(files).toContain(join('masks', image))
    expect(files).toContain(join('train', '2-yellow', 'class2_img3_p3_r0.png'))
    const description = JSON.parse(await readFile(join(request.out, 'dataset.json'), 'utf8')) as Record<string, unknown>
    expect(description).toMatchObject({
      variant: 'single-6c', seed: 5, complete: true, imagesPerClass: { train: 4, validation: 1, test: 2 },
    })
  })

  it('stores exactly what the renderer gives', async () => {
    const request = requestFor('layout')
    const { image, mask } = renderFlower(flowerSpec('single-6c', 5, 'test', 3, 1))
    const file = join('test', '3-turquoise', 'class3_img1_p1_r0.png')
    const stored = await sharp(join(request.out, file)).raw().toBuffer({ resolveWithObject: true })
    expect(stored.info).toMatchObject({ width: 112, height: 112, channels: 3 })
    expect(stored.data.equals(Buffer.from(image))).toBe(true)
    const storedMask = join(request.out, 'masks', file)
    expect(await sharp(storedMask).metadata()).toMatchObject({ channels: 1, depth: 'uchar' })
    const grey = await sharp(storedMask).toColourspace('b-w').raw().toBuffer()
    expect(grey.equals(Buffer.from(mask.map((value) => value * 255)))).toBe(true)
  })

  it('gives the same bytes on every run, and the same first images for a larger count', async () => {
    const first = await contents(requestFor('layout').out)
    await generateAn8Flower(requestFor('again'), quiet())
    expect(await contents(requestFor('again').out)).toEqual(first)
    await generateAn8Flower(requestFor('larger', { count: 8 }), quiet())
    const larger = await contents(requestFor('larger').out)
    expect(Object.keys(larger).length).toBeGreaterThan(Object.keys(first).length)
    for (const [name, bytes] of Object.entries(first)) {
      if (name !== 'dataset.json') expect(larger[name] === bytes, name).toBe(true)
    }
  })

  it('stops when it is cancelled, leaves no half file, and completes the folder the next time', async () => {
    const request = requestFor('resumed')
    const controller = new AbortController()
    const report = ({ done }: Step): void => {
      if (done === 9) controller.abort()
    }
    const cancelled = generateAn8Flower(request, { signal: controller.signal, report })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    const halfway = await contents(request.out)
    expect(Object.keys(halfway).filter((name) => name.endsWith('.partial'))).toEqual([])
    expect(Object.keys(halfway).length).toBeLessThan(2 * 16)
    expect(halfway['dataset.json']).toContain('"complete": false')
    const result = await generateAn8Flower(request, quiet())
    expect(result.kept).toBeGreaterThanOrEqual(9)
    expect(result.kept + result.written).toBe(42)
    expect(await contents(request.out)).toEqual(await contents(requestFor('layout').out))
  })

  it('does nothing to a data set that is complete', async () => {
    expect(await generateAn8Flower(requestFor('layout'), quiet())).toEqual({ classes: 6, written: 0, kept: 42 })
  })

  it('refuses folders that are not its own and settings that make no sense, in one sentence', async () => {
    const refuse = async (request: GenerateRequest, code: string, words: string): Promise<void> => {
      const failure = generateAn8Flower(request, quiet())
      await expect(failure).rejects.toMatchObject({ code })
      await expect(failure).rejects.toThrow(words)
    }
    const strange = requestFor('strange')
    await mkdir(strange.out)
    await writeFile(join(strange.out, 'diary.txt'), 'mine')
    await refuse(strange, 'bad-argument', 'no earlier run made it')
    expect(await readdir(strange.out)).toEqual(['diary.txt'])
    await refuse(requestFor('layout', { seed: 6 }), 'bad-argument', 'other settings')
    await refuse(requestFor('layout', { variant: 'double-12c' }), 'bad-argument', 'other settings')
    const broken = requestFor('broken')
    await mkdir(broken.out)
    await writeFile(join(broken.out, 'dataset.json'), '{')
    await refuse(broken, 'bad-file', 'not a description')
    await refuse(requestFor(join('strange', 'diary.txt')), 'bad-argument', 'a file is in the place of a folder')
    await refuse(requestFor('x', { seed: -1 }), 'bad-argument', 'not -1')
    await refuse(requestFor('x', { count: 1.5 }), 'bad-argument', 'not 1.5')
    await refuse(requestFor('x', { variant: 'triple' as 'single-6c' }), 'bad-argument', 'single-6c, double-12c')
    expect(await readdir(folder)).not.toContain('x')
  })
})

describe('splitCounts', () => {
  it('gives validation a quarter and test half of the training images, rounded up', () => {
    expect(splitCounts(200)).toEqual({ train: 200, validation: 50, test: 100 })
    expect(splitCounts(1)).toEqual({ train: 1, validation: 1, test: 1 })
  })
})
