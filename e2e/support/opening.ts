import type { Page } from '@playwright/test'
import type { Scheduler } from './scheduler.ts'
import type { Screen } from './screens.ts'

/** What is there once a screen shows its content: the classes and features, not the frame around them. */
export interface Content {
  /** Selector of what must be there, within the screen. */
  readonly there: string
  /** Selector of a part that may follow, and of what must be in it then; room is kept for it. */
  readonly later?: { readonly part: string; readonly there: string }
}

/** Milliseconds since the click. */
export interface Opening {
  /** The content has been painted. */
  readonly content: number
  /** All has been painted, with the part that may follow. */
  readonly whole: number
}

/**
 * Clicks a screen in the navigation and measures, in the page itself, the time until its content and until all of it
 * has been painted. Nothing of the content, but for the part that may follow, may still say that it is loading.
 */
export function measureOpening(page: Page, screen: Screen, { there, later }: Content): Promise<Opening> {
  return page.evaluate(
    async ({ screen: title, there: selector, later: following, limit }) => {
      const frame = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => done()))
      const { scheduler } = globalThis as unknown as { scheduler: Scheduler }
      // Asked for as a frame begins, a task of the highest priority runs once that frame has been painted, before
      // whatever else waits for it.
      const painted = (): Promise<void> => scheduler.postTask(() => undefined, { priority: 'user-blocking' })
      const links = [...document.querySelectorAll<HTMLElement>('nav[aria-label="Screens"] a')]
      const link = links.find(({ textContent }) => textContent.includes(title))
      if (!link) throw new Error(`There is no link to ${title}.`)
      const before = document.querySelector('main .screen')
      const isShown = (wanted: string, but?: string): boolean => {
        const now = document.querySelector('main .screen')
        if (now === null || now === before || now.querySelector(wanted) === null) return false
        const loading = [...now.querySelectorAll('[role="status"]')].filter(
          (status) => status.textContent.includes('Loading…') && !(but !== undefined && status.closest(but)),
        )
        return loading.length === 0
      }
      const begun = performance.now()
      const waitUntil = async (done: () => boolean): Promise<number> => {
        while (!done()) {
          if (performance.now() - begun > limit) throw new Error(`${title} shows nothing after ${limit} ms.`)
          await frame()
        }
        await painted()
        return performance.now() - begun
      }
      link.click()
      await frame()
      const content = await waitUntil(() => isShown(selector, following?.part))
      await frame()
      return { content, whole: await waitUntil(() => isShown(following ? `${following.part} ${following.there}` : selector)) }
    },
    { screen, there, later, limit: 20_000 },
  )
}
