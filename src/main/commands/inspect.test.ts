import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ModelReport } from '../../shared/model-report.ts'
import type { PresetTrials } from '../../shared/preset-trials.ts'
import { TINY_CLASSES, TINY_TEST, writeTinyProject } from '../testing/tiny-project.ts'
import { addInspectCommand } from './inspect.ts'

let root: string
let model: string
let images: string
beforeAll(async () => {
  const { root: folder, options } = await writeTinyProject()
  root = folder
  model = options.model
  images = options.test
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What the command writes to stdout. */
async function inspected(...words: string[]): Promise<string> {
  let text = ''
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part)
    return true
  })
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const program = new Command('vebi').exitOverride()
    addInspectCommand(program)
    await program.parseAsync(['inspect', ...words], { from: 'user' })
    return text
  } finally {
    out.mockRestore()
    error.mockRestore()
  }
}

it('prints the facts of the model and its layers', async () => {
  const lines = (await inspected(model)).split('\n')
  expect(lines.slice(1, 5)).toEqual([
    'Input:       12 × 12 × 3, channels last in the file',
    'Outputs:     3 probabilities (softmax at the end)',
    // 3 * 3 * 3 * 6 + 6, 3 * 3 * 6 * 8 + 8, 72 * 3 + 3.
    'Parameters:  827',
    'The file suggests no preprocessing and names no classes.',
  ])
  expect(lines.some((line) => /^4 +conv2 +conv2d +3x3x8 +8 +440 +2x2 +8x8 +All OnlyConv$/.test(line))).toBe(true)
  expect(lines).toContain('Guided backpropagation is exact at all 2 rectifiers, which are ReLU.')
  expect(lines.filter((line) => line.startsWith('[exact] '))).toHaveLength(2)
})

it('tries the presets, and says which options each stands for', async () => {
  const text = await inspected(model, '--try', images)
  expect(text).toContain(`Tried on ${TINY_CLASSES.length * TINY_TEST} images; naming the commonest label is right for 33.3 %.`)
  expect(text).toMatch(/\n−1 … 1 +\d+\.\d % .*--scale 1\/127\.5 --mean=1 --std 1 --order rgb --resize fit\n/)
  expect(text).toMatch(/\nCaffe .*--scale 1 --mean=103\.939,116\.779,123\.68 --std 1 --order bgr --resize fit\n/)
  const { trials } = JSON.parse(await inspected(model, '--try', images, '--json')) as ModelReport & { trials: PresetTrials }
  expect(text.trimEnd().endsWith(trials.verdict)).toBe(true)
  expect(trials.trials).toHaveLength(6)
})

it('tries on images of some of the classes that a label file names', async () => {
  const labels = join(root, 'labels.txt')
  writeFileSync(labels, 'red\nblue\nyellow\n')
  const fewer = join(root, 'fewer.csv')
  writeFileSync(fewer, 'path,label\ntest/red/0.png,red\ntest/red/1.png,red\ntest/blue/0.png,blue\n')
  const document = JSON.parse(await inspected(model, '--try', fewer, '--labels', labels, '--json')) as { trials: PresetTrials }
  expect(document.trials).toMatchObject({ images: 3, chance: 2 / 3 })
})

it('says why labels cannot be tried, and still reports the model', async () => {
  const labels = join(root, 'other.txt')
  writeFileSync(labels, 'red\ncat\ndog\n')
  const text = await inspected(model, '--try', images, '--labels', labels)
  expect(text).toContain('Parameters:  827')
  expect(text).toContain(`No preprocessing was tried: ${images} has classes that ${labels} does not name: "blue", "green".`)
  const document = JSON.parse(await inspected(model, '--try', images, '--labels', labels, '--json')) as object
  expect(document).toMatchObject({ trials: null, reason: expect.stringContaining('does not name') as string })
  await expect(inspected(model, '--try', join(root, 'nothing'))).rejects.toThrow('does not exist')
})

it('fails where the images cannot be read', async () => {
  const broken = join(root, 'broken')
  for (const name of TINY_CLASSES) {
    mkdirSync(join(broken, name), { recursive: true })
    writeFileSync(join(broken, name, '0.png'), 'no image')
  }
  await expect(inspected(model, '--try', broken)).rejects.toThrow(`None of 3 images tried in ${broken} can be read: `)
})

it('refuses labels without images, which would change nothing', async () => {
  await expect(inspected(model, '--labels', join(root, 'labels.txt'))).rejects.toThrow('name these with "--try"')
})
