import { resolve } from 'node:path'
import { newFlowerProject } from '../support/data.ts'
import { goTo, running, screenLink } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** On this engine a batch takes seconds, so that there is something to cancel. */
const SLOW = { VEBI_ENGINE: 'wasm' }
/** Longer than a batch takes on a busy machine, shorter than what is left, milliseconds. */
const WITHIN_A_BATCH = 15_000

test('an extraction is cancelled within a batch, resumed, and ends with the same result', async ({
  start,
  folder,
  finished,
  demo,
}) => {
  test.setTimeout(180_000)
  await goTo(demo.page, 'Responses')
  const expected = await statistics(demo.page)
  await demo.close()

  const project = await newFlowerProject(resolve(finished, '..'), folder)
  const { page } = await start({ project, environment: SLOW })
  await goTo(page, 'Responses')
  const panel = page.getByRole('region', { name: 'Extraction' })
  await panel.getByRole('button', { name: 'Extract responses' }).click()
  await expect(running(page)).toBeVisible()
  await expect.poll(() => imagesDone(page), { timeout: 60_000 }).toBeGreaterThan(0)

  await panel.getByRole('button', { name: 'Cancel' }).click()
  await expect(running(page)).toBeHidden({ timeout: WITHIN_A_BATCH })
  await expect(panel).toContainText('Cancelled')
  await expect(screenLink(page, 'Responses')).toHaveAccessibleName(/not yet computed$/)

  await panel.getByRole('button', { name: 'Resume' }).click()
  await expect(screenLink(page, 'Responses')).toHaveAccessibleName(/, done$/, { timeout: 90_000 })
  await expect(panel).toContainText('98.8 %')
  expect(await statistics(page)).toEqual(expected)
})

/** Of the running job; NaN before its first report. */
async function imagesDone(page: Page): Promise<number> {
  const text = (await running(page).textContent()) ?? ''
  return Number(/(\d+) \/ 600/.exec(text)?.[1] ?? NaN)
}

/** Number, name, features, mean, deviation, largest and silent of each layer, as on the screen. */
async function statistics(page: Page): Promise<string[]> {
  const table = page.getByRole('region', { name: /^Statistics of each layer/ })
  await expect(table.getByRole('row')).toHaveCount(9)
  return table.getByRole('row').allInnerTexts()
}
