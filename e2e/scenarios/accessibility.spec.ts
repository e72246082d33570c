import { AxeBuilder } from '@axe-core/playwright'
import { chooseTheme, goTo, heading, PROJECT_SCREENS, settled } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** What axe calls so must not be on any screen, nor in a dialog. */
const GRAVE = ['moderate', 'serious', 'critical']

test('no screen and no dialog has a grave violation, in both themes', async ({ start, demo }) => {
  test.setTimeout(180_000)
  const { page: first } = await start()
  for (const theme of ['Light', 'Dark'] as const) {
    await chooseTheme(first, theme)
    await expect(heading(first)).toBeVisible()
    await check(first, `Start, ${theme}`)
    await goTo(first, 'New project')
    await check(first, `New project, ${theme}`)
    await first.goBack()
  }
  for (const theme of ['Light', 'Dark'] as const) {
    await chooseTheme(demo.page, theme)
    for (const screen of PROJECT_SCREENS) {
      await goTo(demo.page, screen)
      await settled(demo.page)
      await check(demo.page, `${screen}, ${theme}`)
    }
    await demo.page.keyboard.press('?')
    await expect(demo.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    await check(demo.page, `Keyboard shortcuts, ${theme}`)
    await demo.page.keyboard.press('Escape')
    await goTo(demo.page, 'Responses')
    const statistics = demo.page.getByRole('region', { name: /^Statistics of each layer/ })
    await statistics.getByRole('button', { name: 'To figure' }).click()
    const figure = demo.page.getByRole('dialog', { name: 'Figure: Statistics of each layer' })
    await expect(figure.getByRole('img', { name: /^Preview/ })).toBeVisible()
    await check(demo.page, `Figure, ${theme}`)
    await figure.getByRole('button', { name: 'Cancel' }).click()
  }
})

async function check(page: Page, where: string): Promise<void> {
  // What fades in has too little contrast on its way: from here on nothing begins to, and what has begun ends.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      return playState !== 'running' || effect?.getComputedTiming().iterations === Infinity
    }),
  )
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 3).map(({ html, any }) => `    ${html.slice(0, 160)}  ${any[0]?.message ?? ''}`).join('\n')}`)
  expect.soft(found, where).toEqual([])
}
