import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { goTo, heading } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** The first test image of the third class. */
const TWIN = 'test/100'

test('a dropped image is predicted and explained like the same image in the data', async ({ demo, finished }) => {
  const { page } = demo
  const images = join(resolve(finished, '..'), 'an8flower-single-6c', 'test')
  const [file] = (await readdir(join(images, '2-yellow'))).sort()
  await goTo(page, 'Explain')
  await page.evaluate((image) => (location.hash = `#/explain/${image}`), TWIN)
  await expect(page.getByRole('heading', { level: 2, name: file })).toBeVisible()
  const expected = await explanation(page)
  expect(expected.classes[0]).toContain('2-yellow')

  const bytes = await readFile(join(images, '2-yellow', file))
  await drop(page, 'my flower.png', bytes)
  await expect(page.getByRole('heading', { level: 2, name: 'my flower.png' })).toBeVisible()
  await expect(heading(page)).toHaveText('Explain')
  await expect.poll(() => explanation(page)).toEqual({
    ...expected,
    // A dropped image has no label.
    classes: expected.classes.map((text) => text.replace('label', '')),
  })

  await drop(page, 'broken.png', Buffer.from('no picture at all'))
  await expect(page.getByRole('alert').filter({ hasText: 'broken.png' })).toBeVisible()
})

interface Shown {
  readonly classes: readonly string[]
  /** Features and how much each contributes, the map's range below. */
  readonly heatmaps: string
}

async function explanation(page: Page): Promise<Shown> {
  const maps = page.getByRole('region', { name: 'Heatmaps by method and feature' })
  // The range below the first map comes last.
  await expect(maps.getByRole('figure').first()).toBeVisible()
  await expect(maps).toContainText(/r \d/)
  const classes = page.getByRole('region', { name: 'Image and prediction' }).getByRole('listitem')
  return { classes: (await classes.allTextContents()).map((text) => text.replaceAll(/\s+/g, '')), heatmaps: await maps.innerText() }
}

/** A real drop with a file, as the page gets it from the desktop. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name: fileName, content }) => {
      const made = new DataTransfer()
      made.items.add(new File([Uint8Array.from(content)], fileName, { type: 'image/png' }))
      return made
    },
    { name, content: [...bytes] },
  )
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.getByRole('main').dispatchEvent(type, { dataTransfer: transfer })
  }
}
