import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO_MODEL, NO_DATA, sharedData, vebi } from '../support/data.ts'
import { goTo, heading } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** In the order of the outputs, which is not the alphabet's; see README.md of the data. */
const CLASSES = [
  'lifeboat',
  'ladybug',
  'pizza',
  'bell_pepper',
  'school_bus',
  'koala',
  'espresso',
  'red_panda',
  'orange',
  'sports_car',
]

test('a new project of a foreign model: its report, the preview and its accuracy before anything is stored', async ({
  start,
  folder,
}) => {
  const data = sharedData()
  test.skip(data === undefined, NO_DATA)
  const { page } = await start()
  const main = page.getByRole('main')
  await goTo(page, 'New project')

  await fillPath(page, 'Path of the model', join(data!, 'models', 'tinyvgg-10-tfjs'))
  await expect(main).toContainText('100 features in 10 layers')
  await expect(main).toContainText('40 features in 4 layers')
  await expect(main).toContainText('Layers 11-12 are tied to the classes and not searched for features.')
  await expect(main).toContainText('TF.js LayersModel, keras 2.2.4-tf')
  await expect(main).toContainText('64 × 64 × 3, channels last in the file')
  await expect(main).toContainText('10 probabilities (softmax at the end)')
  // 280 + 3 * 910 + 16,910.
  await expect(main).toContainText(/Parameters\s*19,920/)
  await expect(main).toContainText('Guided backpropagation is exact at all 4 rectifiers, which are ReLU.')
  await expect(main.getByRole('row', { name: '1 conv_1_1 conv2d 62 × 62 × 10 10 280 1 3 px All, OnlyConv' })).toBeVisible()
  await next(page)

  const images = join(data!, 'images', 'tinyimagenet-10')
  await fillPath(page, 'Training images', join(images, 'train'))
  await fillPath(page, 'Test images', join(images, 'val'))
  await expect(main).toContainText('10 classes, 2,000 training and 500 test images, no masks.')
  await next(page)

  // Taken in the alphabet's order, the classes do not fit the outputs: this must be seen here.
  await page.getByRole('button', { name: '0 … 1', exact: true }).click()
  const accuracy = main.getByRole('status').filter({ hasText: 'right of 200 test images' })
  await expect(accuracy).toContainText('No better than guessing.', { timeout: 30_000 })
  expect(await percent(accuracy)).toBeLessThan(25)
  const presets = main.getByRole('table', { name: 'Presets tried' })
  await expect(presets).toBeVisible({ timeout: 60_000 })
  await expect(main).toContainText(
    /The classes stand in another order than the outputs of the network: .* Renamed, those with "0 … 1" would be right for 6\d\.\d % of 200 images/,
  )
  await main.getByRole('button', { name: 'Back' }).click()

  const labels = join(folder, 'labels.txt')
  await writeFile(labels, `${CLASSES.join('\n')}\n`)
  await fillPath(page, 'Label file', labels)
  await expect(main.getByRole('row', { name: '0 lifeboat 200 50' })).toBeVisible()
  await next(page)
  // The data's README: about 69 % on all 500.
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeGreaterThan(60)
  expect(await percent(accuracy)).toBeLessThan(78)

  // Every preset is tried unasked, and the right one is plain to see.
  const rows = presets.getByRole('row')
  await expect(rows).toHaveCount(7, { timeout: 60_000 })
  await expect(rows.nth(1)).toContainText(/^0 … 1\s*best\s*(68|69)\.\d %/)
  await expect(rows.nth(2)).toContainText(/^0 … 255\s*4\d\.\d %/)
  await expect(main).toContainText(/"0 … 1" \(6\d\.\d %\) is right most often on 200 images, clearly more often than the next/)
  await presets.getByRole('button', { name: 'Use 0 … 255' }).click()
  await expect(page.getByRole('textbox', { name: 'Scale' })).toHaveValue('1')
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeLessThan(50)
  await presets.getByRole('button', { name: 'Use 0 … 1', exact: true }).click()
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeGreaterThan(60)
  await expect(page.getByRole('textbox', { name: 'Scale' })).toHaveValue('1/255')
  await next(page)

  await page.getByRole('textbox', { name: 'Name of the project' }).fill('ten-classes')
  // Enter would make the project at once.
  const place = page.getByRole('textbox', { name: 'Folder that the project is made in' })
  await place.fill(folder)
  await place.press('Tab')
  await expect(main).toContainText(`Makes ${join(folder, 'ten-classes')}`)
  await main.getByRole('button', { name: 'Create and open' }).click()
  await expect(heading(page)).toHaveText('Responses', { timeout: 60_000 })
  await expect(page.getByRole('banner')).toContainText('ten-classes')
  await main.getByRole('button', { name: 'Start: Predict test images' }).click()
  await expect(main.getByRole('row', { name: /^Predict test images/ })).toContainText('done', { timeout: 60_000 })
  await goTo(page, 'Explain')
  await expect(main).toContainText('500 images')
  await expect(main).toContainText(/(68|69|70)\.\d % of all right/)
})

test('masks are drawn over what the network sees before the project is made', async ({ start, folder }) => {
  const flowers = join(folder, 'flowers')
  await vebi('generate', 'an8flower', '--variant', 'single-6c', '--seed', '3', '--count', '4', '--out', flowers)
  const { page } = await start()
  const main = page.getByRole('main')
  await goTo(page, 'New project')
  await fillPath(page, 'Path of the model', DEMO_MODEL)
  await expect(main).toContainText('Parameters')
  await next(page)
  await fillPath(page, 'Training images', join(flowers, 'train'))
  await fillPath(page, 'Test images', join(flowers, 'test'))
  await fillPath(page, 'Folder of masks', join(flowers, 'masks', 'test'))
  await expect(main).toContainText(/6 classes, 24 training and \d+ test images, \d+ with a mask\./)
  await next(page)
  await expect(main).toContainText('the line is the border of the mask', { timeout: 30_000 })
  const seen = main.getByRole('img', { name: /as the network sees it, with its mask$/ })
  await expect(seen).toHaveCount(6)
  // The two paths of an outline are the same; each image has its own.
  const outlines = main.locator('figure svg path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))
  expect(new Set(await outlines).size).toBe(6)
})

test('a file of PyTorch is not opened: the page says how to save the network as ONNX', async ({ start, folder }) => {
  const { page } = await start()
  const main = page.getByRole('main')
  await goTo(page, 'New project')
  const file = join(folder, 'network.pth')
  await writeFile(file, Uint8Array.of(0x50, 0x4b, 0x03, 0x04))
  await fillPath(page, 'Path of the model', file)
  const alert = main.getByRole('alert')
  await expect(alert).toContainText(`${file}: PyTorch files are never opened here`)
  await expect(alert).toContainText('torch.onnx.export(model, torch.zeros(1, 3, 224, 224), "model.onnx")')
  await page.getByText('A model of PyTorch').click()
  await expect(page.getByLabel('Lines that save the network as ONNX')).toHaveText(
    'import torch\nmodel.eval()\ntorch.onnx.export(model, torch.zeros(1, 3, 224, 224), "model.onnx")',
  )
  await expect(main.getByRole('button', { name: 'Next' })).toBeDisabled()
})

async function fillPath(page: Page, name: string, path: string): Promise<void> {
  const field = page.getByRole('textbox', { name })
  await field.fill(path)
  await field.press('Enter')
}

async function next(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: 'Next' }).click()
}

/** The first share on an element; NaN where there is none. */
async function percent(element: ReturnType<Page['locator']>): Promise<number> {
  const text = (await element.textContent({ timeout: 1000 }).catch(() => '')) ?? ''
  return Number(/([\d.]+) %/.exec(text)?.[1] ?? NaN)
}
