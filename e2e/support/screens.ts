import { expect, type Locator, type Page } from '@playwright/test'

/** The screens, as the navigation names them. */
export const SCREENS = [
  'New project',
  'Model',
  'Responses',
  'Selection',
  'Ablation',
  'Features',
  'Explain',
  'Evaluate',
  'Figures',
] as const
export type Screen = (typeof SCREENS)[number]

/** Those that show the open project. */
export const PROJECT_SCREENS = SCREENS.filter((screen) => screen !== 'New project')

/** Its accessible name says behind a comma how far the step has come. */
export function screenLink(page: Page, screen: Screen): Locator {
  return page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: new RegExp(`^${screen}\\b`) })
}

export async function goTo(page: Page, screen: Screen): Promise<void> {
  await screenLink(page, screen).click()
  await expect(heading(page)).toBeVisible()
  await expect(screenLink(page, screen)).toHaveAttribute('aria-current', 'page')
}

/** The heading of the screen that is shown. */
export function heading(page: Page): Locator {
  return page.getByRole('main').getByRole('heading', { level: 1 })
}

/** The strip of the running job at the foot. */
export function running(page: Page): Locator {
  return page.getByRole('region', { name: 'Running job' })
}

/** Waits until nothing on the screen is loading and what it shows is painted. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('main').getByText('Loading…')).toHaveCount(0)
  await page.evaluate(async () => {
    const frame = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => done()))
    await frame()
    await frame()
  })
}

export type Theme = 'Light' | 'Dark'

/** Changes the theme where the other one is shown. */
export async function chooseTheme(page: Page, theme: Theme): Promise<void> {
  const button = page.getByRole('button', { name: /^(Light|Dark) theme$/ })
  // The button names the theme that it leads to.
  if ((await button.getAttribute('aria-label')) === `${theme} theme`) await button.click()
  await expect(button).not.toHaveAttribute('aria-label', `${theme} theme`)
}
