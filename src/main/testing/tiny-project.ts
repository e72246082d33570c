import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { randomIndex, randomStream } from '../../core/random.ts'
import type { NewProject } from '../../shared/project-info.ts'
import { saveTinyModel } from '../model/testing/tiny-model.ts'

export const TINY_CLASSES = ['blue', 'green', 'red'] as const
export const TINY_TRAIN = 10
export const TINY_TEST = 5
const SIDE = 16

/** Writes a model and noisy images of three colours, with masks for the test images, into a new temporary folder. */
export async function writeTinyProject(): Promise<{ root: string; options: NewProject }> {
  const root = mkdtempSync(join(tmpdir(), 'vebi-workbench-'))
  await saveTinyModel(join(root, 'model'), TINY_CLASSES.length)
  for (const [label, name] of TINY_CLASSES.entries()) {
    for (const [role, count] of [['train', TINY_TRAIN], ['test', TINY_TEST]] as const) {
      const folder = join(root, role, name)
      mkdirSync(folder, { recursive: true })
      for (let i = 0; i < count; i++) {
        writeFileSync(join(folder, `${i}.png`), await noisy(2 - label, label, role === 'train' ? i : 100 + i))
      }
    }
    const masks = join(root, 'masks', name)
    mkdirSync(masks, { recursive: true })
    for (let i = 0; i < TINY_TEST; i++) writeFileSync(join(masks, `${i}.png`), await leftHalf())
  }
  const options: NewProject = {
    folder: join(root, 'project'),
    model: join(root, 'model'),
    train: join(root, 'train'),
    test: join(root, 'test'),
    masks: join(root, 'masks'),
    preprocessing: { scale: 1 / 255 },
  }
  return { root, options }
}

function noisy(channel: number, ...seeds: number[]): Promise<Buffer> {
  const random = randomStream(...seeds)
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const noise = randomIndex(random, 128)
    return i % 3 === channel ? 127 + noise : noise
  })
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } }).png().toBuffer()
}

function leftHalf(): Promise<Buffer> {
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE < SIDE / 2 ? 255 : 0))
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 1 } }).png().toBuffer()
}
