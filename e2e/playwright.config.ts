import { defineConfig } from '@playwright/test'
import { join } from 'node:path'
import { CHROMIUM_FLAGS, chromiumProgram } from './hosts/chromium.ts'
import type { HostChoice } from './hosts/workbench.ts'
import { runFolder } from './support/run-folder.ts'

const root = import.meta.dirname
runFolder()

/**
 * The scenarios are written once and run twice: in the desktop window, where Electron and a display are, and in
 * Chromium against the browser host. `npm run e2e` runs both, `-- --project browser` one of them.
 */
export default defineConfig<Record<never, never>, HostChoice>({
  testDir: root,
  testMatch: ['scenarios/*.spec.ts', 'screenshots.spec.ts'],
  globalTeardown: join(root, 'support', 'teardown.ts'),
  outputDir: join(root, 'out', 'results'),
  // One engine uses all cores by itself.
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./support/summary.ts']],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { args: [...CHROMIUM_FLAGS], ...programOption() },
    actionTimeout: 15_000,
    trace: 'off',
  },
  projects: [
    { name: 'browser', use: { hostKind: 'browser' } },
    { name: 'desktop', use: { hostKind: 'desktop' } },
  ],
})

function programOption(): { executablePath?: string } {
  const program = chromiumProgram()
  return program === undefined ? {} : { executablePath: program }
}
