import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { chooseTheme, goTo, heading, PROJECT_SCREENS, settled, type Screen, type Theme } from './support/screens.ts'
import { expect, test, type Page } from './support/test.ts'

/**
 * Pictures of every screen in both themes, to be looked at; `VEBI_UPDATE_PICTURES=1` makes those of the README anew.
 * The one of the model shows the path of the demo, so for the README the folder of the run must have a neutral name
 * (`VEBI_E2E_RUN`).
 */

const OUT = join(import.meta.dirname, 'out', 'screenshots')
const README = resolve(import.meta.dirname, '..', 'resources', 'readme', 'screens')
/** A picture of the README must not weigh more, bytes. */
const MOST_BYTES = 200_000
const UPDATES = process.env['VEBI_UPDATE_PICTURES'] !== undefined
/** Time for all checks of the demo, for the picture of the README alone; milliseconds. */
const CHECKS_TIME = 900_000

for (const theme of ['Light', 'Dark'] as const) {
  test(`screenshots, ${theme.toLowerCase()}`, async ({ start, demo, finished, hostKind }) => {
    test.setTimeout(UPDATES ? 180_000 + CHECKS_TIME : 180_000)
    test.skip(hostKind !== 'browser', 'the pictures are taken in the browser, where they do not depend on the desktop')
    const { page: first } = await start()
    await chooseTheme(first, theme)
    await expect(heading(first)).toBeVisible()
    await take(first, theme, 'start')
    await goTo(first, 'New project')
    await fillNewProject(first, resolve(finished, '..'))
    await take(first, theme, 'new-project')

    const { page } = demo
    await chooseTheme(page, theme)
    await goTo(page, 'Figures')
    await page.getByRole('button', { name: 'Add the standard set' }).click()
    for (const screen of PROJECT_SCREENS) {
      await goTo(page, screen)
      if (UPDATES && screen === 'Evaluate' && theme === 'Light') await runChecks(page)
      await take(page, theme, nameOf(screen))
    }
    await goTo(page, 'Features')
    await page.getByRole('main').getByRole('listbox', { name: /^Features/ }).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await expect(heading(page)).toContainText('channel')
    await take(page, theme, 'feature')
    await goTo(page, 'Ablation')
    await page.getByRole('main').getByRole('button', { name: 'To figure' }).first().click()
    await expect(page.getByRole('dialog').getByRole('img', { name: /^Preview/ })).toBeVisible()
    await take(page, theme, 'to-figure')
  })
}

/** To the step that shows what the network would see. */
async function fillNewProject(page: Page, demo: string): Promise<void> {
  const fill = async (name: string, path: string): Promise<void> => {
    const field = page.getByRole('textbox', { name })
    await field.fill(path)
    await field.press('Enter')
  }
  const next = page.getByRole('main').getByRole('button', { name: 'Next' })
  await fill('Path of the model', join(demo, 'models', 'single-6c'))
  await next.click()
  await fill('Training images', join(demo, 'an8flower-single-6c', 'train'))
  await fill('Test images', join(demo, 'an8flower-single-6c', 'test'))
  await next.click()
  await expect(page.getByRole('main').getByText('right of 200 test images')).toBeVisible({ timeout: 60_000 })
}

async function runChecks(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run all checks' }).click()
  await expect(page.getByText(/^12 of 12 checks have a result/)).toBeVisible({ timeout: CHECKS_TIME })
}

function nameOf(screen: Screen): string {
  return screen.toLowerCase().replace(' ', '-')
}

async function take(page: Page, theme: Theme, name: string): Promise<void> {
  await settled(page)
  // Charts come in with a short movement, pictures one by one.
  await page.waitForTimeout(1500)
  await mkdir(join(OUT, theme.toLowerCase()), { recursive: true })
  const picture = await page.screenshot({ path: join(OUT, theme.toLowerCase(), `${name}.png`), animations: 'disabled' })
  if (theme !== 'Light' || !UPDATES) return
  // Those that the README shows.
  if (!existsSync(join(README, `${name}.png`))) return
  const small = await sharp(picture).png({ palette: true, colours: 128, compressionLevel: 9, effort: 10 }).toBuffer()
  expect(small.byteLength, `${name}.png of the README`).toBeLessThan(MOST_BYTES)
  await writeFile(join(README, `${name}.png`), small)
}
