import { test as base } from '@playwright/test'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInBrowser } from '../hosts/browser.ts'
import { chromiumProgram, NO_CHROMIUM } from '../hosts/chromium.ts'
import { startOnDesktop, whyNoDesktop } from '../hosts/desktop.ts'
import type { HostChoice, StartOptions, Workbench } from '../hosts/workbench.ts'
import { DEMO_TIME, finishedDemo, markFinished, openDemo, sharedState } from './demo.ts'

export { expect } from '@playwright/test'
export type { Page, Locator } from '@playwright/test'
export type { Workbench } from '../hosts/workbench.ts'

interface Fixtures {
  /** Skips on a host that cannot be had here. */
  readonly hostThere: void
  /** A folder of this test's own. */
  readonly folder: string
  /** Starts a workbench, which is closed after the test. */
  readonly start: (options?: StartOptions) => Promise<Workbench>
  /** Folder of the demo's project with everything computed, which must not be changed. */
  readonly finished: string
  /** A workbench with this test's own copy of the demo project open and everything computed. */
  readonly demo: Workbench & { readonly project: string }
}

export const test = base.extend<Fixtures, HostChoice>({
  hostKind: ['browser', { option: true, scope: 'worker' }],

  hostThere: [
    async ({ hostKind }, use, info) => {
      const reason = hostKind === 'desktop' ? whyNoDesktop() : undefined
      if (reason !== undefined) info.skip(true, reason)
      if (hostKind === 'browser' && chromiumProgram() === undefined) throw new Error(NO_CHROMIUM)
      await use()
    },
    { auto: true },
  ],

  // Playwright reads off the pattern which fixtures are needed: here none.
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'vebi-e2e-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },

  start: async ({ browser, hostKind, folder }, use) => {
    const started: Workbench[] = []
    await use(async (options = {}) => {
      const state = options.state ?? join(await mkdtemp(join(folder, 'state-')))
      const workbench = await (hostKind === 'browser'
        ? startInBrowser(browser, state, options)
        : startOnDesktop(state, options))
      started.push(workbench)
      return workbench
    })
    for (const workbench of started) await workbench.close()
  },

  finished: [
    async ({ start }, use) => {
      const done = await finishedDemo()
      if (done === undefined) {
        const workbench = await start({ state: await sharedState() })
        await openDemo(workbench.page)
        await workbench.close()
        await markFinished()
      }
      await use((await finishedDemo())!)
    },
    { timeout: DEMO_TIME },
  ],

  demo: async ({ start, folder, finished }, use) => {
    const project = join(folder, 'demo-project')
    await cp(finished, project, { recursive: true })
    await use({ ...(await start({ project })), project })
  },
})
