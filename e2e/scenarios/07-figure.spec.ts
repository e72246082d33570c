import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { goTo } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** A single column at 300 dots per inch. */
const PIXELS = Math.round((8.5 / 2.54) * 300)

test('a figure is exported, opens, and comes out byte for byte the same again', async ({ demo, folder }) => {
  const { page } = demo
  await goTo(page, 'Ablation')
  await page.getByRole('main').getByRole('button', { name: 'To figure' }).first().click()
  const dialog = page.getByRole('dialog', { name: /^Figure/ })
  await dialog.getByRole('textbox', { name: 'File name' }).fill('figure-4')
  await expect(dialog.getByRole('img', { name: /^Preview of figure-4/ })).toBeVisible()
  await dialog.getByRole('button', { name: "Add to the project's figures" }).click()
  await expect(dialog).toBeHidden()

  await goTo(page, 'Figures')
  const first = join(folder, 'first')
  await exportTo(page, first)
  const names = await readdir(first)
  expect(names.sort()).toEqual(
    ['figure-4.csv', 'figure-4.pdf', 'figure-4.png', 'figure-4.svg', 'figure-4.tex', 'manifest.json'].sort(),
  )
  const text = (name: string): Promise<string> => readFile(join(first, name), 'utf8')

  const png = await sharp(join(first, 'figure-4.png')).metadata()
  expect(png.width).toBe(PIXELS)
  expect(png.density).toBe(300)
  const svg = await sharp(Buffer.from(await text('figure-4.svg'))).metadata()
  expect(svg.width / svg.height).toBeCloseTo(png.width / png.height, 1)
  const pdf = await readFile(join(first, 'figure-4.pdf'), 'latin1')
  expect(pdf.startsWith('%PDF-')).toBe(true)
  expect(pdf.trimEnd().endsWith('%%EOF')).toBe(true)
  // 8.5 cm in points of 1/72 inch.
  expect(Number(/\/MediaBox \[0 0 ([\d.]+)/.exec(pdf)?.[1])).toBeCloseTo((8.5 / 2.54) * 72, 0)
  const rows = (await text('figure-4.csv')).trim().split(/\r?\n/).map((line) => line.split(','))
  expect(new Set(rows.map((row) => row.length)).size).toBe(1)
  expect(rows.length).toBeGreaterThan(20)
  expect(await text('figure-4.tex')).toContain('\\includegraphics[width=8.5cm]{figure-4}')
  const manifest = JSON.parse(await text('manifest.json')) as object
  expect(JSON.stringify(manifest)).toContain('figure-4.png')

  const second = join(folder, 'second')
  await exportTo(page, second)
  for (const name of names) {
    expect((await readFile(join(second, name))).equals(await readFile(join(first, name))), name).toBe(true)
  }

  // A file in the way of the folder.
  const taken = join(folder, 'taken')
  await writeFile(taken, 'a file')
  await fillFolder(page, taken)
  await exportButton(page).click()
  await expect(exportPanel(page).getByRole('alert')).toContainText(taken)
})

function exportPanel(page: Page): ReturnType<Page['locator']> {
  return page.getByRole('main').getByRole('region', { name: 'Export' })
}

function exportButton(page: Page): ReturnType<Page['locator']> {
  return exportPanel(page).getByRole('button', { name: /^Export/ })
}

async function fillFolder(page: Page, folder: string): Promise<void> {
  const field = exportPanel(page).getByRole('textbox', { name: 'Folder for the figures' })
  await field.fill(folder)
  await field.press('Enter')
}

async function exportTo(page: Page, folder: string): Promise<void> {
  await fillFolder(page, folder)
  await exportButton(page).click()
  await expect(exportPanel(page)).toContainText(folder)
  await expect
    .poll(() => readdir(folder).then((names) => names.includes('manifest.json'), () => false), { timeout: 30_000 })
    .toBe(true)
}
