import type { Page } from '@playwright/test'
import type { Scheduler } from './scheduler.ts'
import type { Screen } from './screens.ts'

export interface Answers {
  readonly times: readonly { readonly title: string; readonly time: number }[]
  /** Longest time in which the page's event loop came to nothing else, milliseconds. */
  readonly longestBlock: number
}

/** Clicks the screens in turn and measures, in the page itself, the time until the change is painted. */
export function answersOf(page: Page, screens: readonly Screen[], rounds: number): Promise<Answers> {
  return page.evaluate(
    async ({ titles, times: turns, tick, rest }) => {
      const frame = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => done()))
      const { scheduler } = globalThis as unknown as { scheduler: Scheduler }
      // Asked for as a frame begins, a task of the highest priority runs once that frame has been painted, before
      // whatever else waits for it.
      const painted = (): Promise<void> => scheduler.postTask(() => undefined, { priority: 'user-blocking' })
      const links = [...document.querySelectorAll<HTMLElement>('nav[aria-label="Screens"] a')]
      let longestBlock = 0
      let expected = performance.now() + tick
      const timer = setInterval(() => {
        longestBlock = Math.max(longestBlock, performance.now() - expected)
        expected = performance.now() + tick
      }, tick)
      const times: { title: string; time: number }[] = []
      for (let turn = 0; turn < turns; turn++) {
        for (const title of titles) {
          const link = links.find(({ textContent }) => textContent.includes(title))
          if (!link) throw new Error(`There is no link to ${title}.`)
          const begun = performance.now()
          link.click()
          do await frame()
          while (link.getAttribute('aria-current') !== 'page')
          await painted()
          times.push({ title, time: performance.now() - begun })
          await new Promise((done) => setTimeout(done, rest))
        }
      }
      clearInterval(timer)
      return { times, longestBlock }
    },
    { titles: screens, times: rounds, tick: 10, rest: 120 },
  )
}
