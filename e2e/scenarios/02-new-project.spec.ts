import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NO_DATA, sharedData } from '../support/data.ts'
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
  await main.getByRole('button', { name: 'Back' }).click()

  const labels = join(folder, 'labels.txt')
  await writeFile(labels, `${CLASSES.join('\n')}\n`)
  await fillPath(page, 'Label file', labels)
  await expect(main.getByRole('row', { name: '0 lifeboat 200 50' })).toBeVisible()
  await next(page)
  // The data's README: about 69 % on all 500.
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeGreaterThan(60)
  expect(await percent(accuracy)).toBeLessThan(78)

  await page.getByRole('button', { name: '0 … 255', exact: true }).click()
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeLessThan(50)
  await page.getByRole('button', { name: '0 … 1', exact: true }).click()
  await expect.poll(() => percent(accuracy), { timeout: 30_000 }).toBeGreaterThan(60)
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
