import type { Page } from '@playwright/test'
import type { Screen } from './screens.ts'

/**
 * Clicks a screen in the navigation and measures, in the page itself, the time until its content has been painted.
 *
 * @param content Selector of what must be there, within the screen.
 * @returns Milliseconds.
 */
export function measureOpening(page: Page, screen: Screen, content: string): Promise<number> {
  return page.evaluate(
    async ({ screen: title, content: selector, limit }) => {
      const frame = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => done()))
      const links = [...document.querySelectorAll<HTMLElement>('nav[aria-label="Screens"] a')]
      const link = links.find(({ textContent }) => textContent.includes(title))
      if (!link) throw new Error(`There is no link to ${title}.`)
      const before = document.querySelector('main .screen')
      const isShown = (): boolean => {
        const now = document.querySelector('main .screen')
        return now !== null && now !== before && now.querySelector(selector) !== null && !now.textContent.includes('Loading…')
      }
      const begun = performance.now()
      link.click()
      while (!isShown()) {
        if (performance.now() - begun > limit) throw new Error(`${title} shows nothing after ${limit} ms.`)
        await frame()
      }
      // A frame begins with the changes painted that were made before the last one ended.
      await frame()
      await frame()
      return performance.now() - begun
    },
    { screen, content, limit: 20_000 },
  )
}
