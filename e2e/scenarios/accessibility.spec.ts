import { AxeBuilder } from '@axe-core/playwright'
import { chooseTheme, goTo, heading, PROJECT_SCREENS, settled } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** What axe calls so must not be on any screen. */
const GRAVE = ['serious', 'critical']

test('no screen has a serious violation, in both themes', async ({ start, demo }) => {
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
  }
})

async function check(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 3).map(({ html, any }) => `    ${html.slice(0, 160)}  ${any[0]?.message ?? ''}`).join('\n')}`)
  expect.soft(found, where).toEqual([])
}
