import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { vebi } from '../support/data.ts'
import { goTo } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

interface Printed {
  readonly sentence: string
  readonly tables: readonly {
    readonly id: string
    readonly title: string
    readonly rows: (string | number | null)[][]
  }[]
  readonly limits: readonly string[]
}

/** What the command line says of a check; the project must not be open. */
async function printed(project: string, check: string): Promise<Printed> {
  return JSON.parse(await vebi('evaluate', project, check, '--json')) as Printed
}

function part(page: Page, title: string): ReturnType<Page['locator']> {
  return page.getByRole('main').getByRole('article', { name: title })
}

// With a second engine for the command line.
test.describe.configure({ timeout: 240_000 })

test('a check runs from the screen and says there what the command line prints', async ({ demo, folder }) => {
  const { page, project } = demo
  await goTo(page, 'Evaluate')
  await expect(page.getByText('0 of 12 checks have a result.')).toBeVisible()
  const permutation = part(page, 'Label permutation')
  await expect(permutation).toContainText('not computed')
  await permutation.getByRole('button', { name: 'Run Label permutation' }).click()
  await expect(permutation.getByRole('button', { name: /^Figures and tables/ })).toBeEnabled({ timeout: 120_000 })
  await expect(page.getByText('1 of 12 checks have a result: 1 supported.')).toBeVisible()

  await permutation.getByRole('button', { name: 'Figures and tables of Label permutation' }).click()
  const shown = await permutation.locator('.sentence').innerText()
  await expect(permutation.getByText('supported', { exact: true })).toBeVisible()
  await expect(permutation.getByRole('img').first()).toBeVisible()
  const download = page.waitForEvent('download')
  const table = permutation.getByRole('region').first()
  const title = await table.getByRole('heading').innerText()
  await table.getByRole('button', { name: / as CSV$/ }).click()
  const csv: string[][] = parse(await readFile(await (await download).path(), 'utf8'))

  // Its figure can be kept, and everything goes into a report.
  await permutation.getByRole('button', { name: 'To figure' }).first().click()
  const dialog = page.getByRole('dialog', { name: /^Figure/ })
  await expect(dialog.getByRole('img', { name: /^Preview of permutation/ })).toBeVisible()
  await dialog.getByRole('button', { name: "Add to the project's figures" }).click()
  await expect(dialog).toBeHidden()
  await goTo(page, 'Figures')
  const report = page.getByRole('main').getByRole('region', { name: 'Report' })
  const field = report.getByRole('textbox', { name: 'Folder for the report' })
  await field.fill(folder)
  await field.press('Enter')
  await report.getByRole('button', { name: 'Write the report' }).click()
  await expect(report.getByText(join(folder, 'report.html'))).toBeVisible({ timeout: 60_000 })
  await expect(report).toContainText('Not computed: Overlap with masks')

  await demo.close()
  const { sentence, tables, limits } = await printed(project, 'permutation')
  expect(shown).toBe(sentence)
  const said = tables.find((each) => each.title === title)!
  expect(csv).toHaveLength(1 + said.rows.length)
  expect(csv[1]).toEqual(said.rows[0].map((cell) => (cell === null ? '' : String(cell))))
  const written = await readFile(join(folder, 'report.html'), 'utf8')
  const plain = written.replaceAll('\u00a0', ' ').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  for (const text of [sentence, ...limits]) expect(plain).toContain(text)
})

test('a check that runs is cancelled from its place and goes on later', async ({ demo }) => {
  const { page } = demo
  await goTo(page, 'Evaluate')
  const occlusion = part(page, 'Box occlusion')
  await occlusion.getByRole('button', { name: 'Run Box occlusion' }).click()
  await expect(occlusion.getByRole('progressbar')).toBeVisible({ timeout: 30_000 })
  await occlusion.getByRole('button', { name: 'Cancel' }).click()
  await expect(occlusion).toContainText('goes on from what is stored', { timeout: 30_000 })
  await expect(occlusion.getByRole('button', { name: 'Run Box occlusion' })).toBeEnabled()
})
