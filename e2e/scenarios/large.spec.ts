import type { Page } from '@playwright/test'
import { measureMemory } from '../support/memory.ts'
import { largeProject, LARGE_TIME } from '../support/large.ts'
import { measureOpening } from '../support/opening.ts'
import { goTo, PROJECT_SCREENS, screenLink, type Screen } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

/** What the window promises with 1000 classes and 12,000 features. */
const OPENS_IN = 300
const MEMORY = 500e6

/** Each screen is opened so often; the median counts. */
const REPEATS = 5

/** What is there once a screen shows its content: the classes and features, not the frame around them. */
const CONTENT: Record<(typeof PROJECT_SCREENS)[number], string> = {
  'New project': '',
  Model: 'table tbody tr, [role="row"] [role="cell"]',
  Responses: 'table tbody tr, [role="row"]',
  Selection: 'canvas, [role="row"]',
  Ablation: 'canvas',
  Features: '[role="option"] canvas',
  Explain: '[role="option"]',
  Evaluate: 'canvas, table tbody tr',
  Figures: 'h1',
}

test.describe.configure({ mode: 'serial' })

test('1000 classes and 12,000 features: every screen opens at once and memory stays small', async ({
  start,
}, info) => {
  test.setTimeout(LARGE_TIME + 120_000)
  const { page, kind } = await start({ project: await largeProject() })
  await expect(screenLink(page, 'Evaluate')).toHaveAccessibleName(/, done$/, { timeout: 60_000 })
  for (const screen of PROJECT_SCREENS) await goTo(page, screen)
  const rows: string[] = []
  const medians = new Map<Screen, number>()
  for (const screen of PROJECT_SCREENS) {
    const times: number[] = []
    for (let i = 0; i < REPEATS; i++) {
      await leave(page)
      times.push(await measureOpening(page, screen, CONTENT[screen]))
    }
    const sorted = [...times].sort((a, b) => a - b)
    const median = sorted[(REPEATS - 1) / 2]
    medians.set(screen, median)
    rows.push(`${screen.padEnd(12)} ${median.toFixed(0).padStart(6)} ms   (${sorted.map((t) => t.toFixed(0)).join(', ')})`)
  }
  const memory = await measureMemory(page)
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  const table = [
    `1000 classes, 12,000 features, ${kind}: from click to content painted, median of ${REPEATS}; promise: ${OPENS_IN} ms`,
    ...rows,
    `renderer: ${megabytes(memory.resident)} resident, ${megabytes(memory.heap)} of it JavaScript heap, ${memory.nodes} nodes; promise: ${megabytes(MEMORY)}`,
  ].join('\n')
  info.annotations.push({ type: 'table', description: table })
  for (const [screen, median] of medians) expect.soft(median, `${screen} opens`).toBeLessThan(OPENS_IN)
  expect.soft(memory.resident, 'memory of the renderer').toBeLessThan(MEMORY)
})

/** To a screen that has nothing to do with the project. */
async function leave(page: Page): Promise<void> {
  await goTo(page, 'New project')
}
