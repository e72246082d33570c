import { measureMemory } from '../support/memory.ts'
import { largeProject, LARGE_TIME } from '../support/large.ts'
import { measureOpening, type Content, type Opening } from '../support/opening.ts'
import { goTo, PROJECT_SCREENS, screenLink, settled, type Screen } from '../support/screens.ts'
import { expect, test, type Page, type Workbench } from '../support/test.ts'

/** What the window promises with 1000 classes and 12,000 features. */
const OPENS_IN = 300
/**
 * For the first time, on a machine that is busy with others: half as long again fails everywhere, the promise itself
 * where `VEBI_STRICT_TIMES` says that the machine is quiet.
 */
const ALLOWED = process.env['VEBI_STRICT_TIMES'] === '1' ? OPENS_IN : 1.5 * OPENS_IN
const MEMORY = 500e6

/** Until a part is there that may follow: one class's path takes some fifty rows of a Gram matrix of 1.2 GB. */
const WHOLE_IN = 2000

/**
 * A screen is opened for the first time once in each of so many starts of engine and page, and then again so often in
 * the last of them. Of the first openings, which do the same work each time, the fastest counts: other programs on a
 * machine with two cores only add to it. Of the others the median counts, since the garbage collector is the window's.
 */
const STARTS = 3
const REPEATS = 5
/** Between two screens, so that what one of them still does is not told of the next; milliseconds. */
const REST = 200

const CONTENT: Readonly<Record<(typeof PROJECT_SCREENS)[number], Content>> = {
  Model: { there: '[role="row"] [role="cell"]' },
  Responses: { there: 'table tbody tr, [role="row"] [role="cell"]' },
  Selection: {
    there: '[aria-label="Relevant features"] [role="row"] [role="cell"]',
    later: { part: '[aria-label="Path"] .chart', there: 'canvas' },
  },
  Ablation: { there: 'canvas' },
  Features: { there: '[role="option"] canvas' },
  Explain: { there: '[role="option"]' },
  Evaluate: { there: 'canvas' },
  Figures: { there: 'h1' },
}

test('1000 classes and 12,000 features: every screen opens at once and memory stays small', async ({
  start,
}, info) => {
  test.setTimeout(LARGE_TIME + 180_000)
  const project = await largeProject()
  const first = new Times()
  const again = new Times()
  let workbench: Workbench | undefined
  for (let i = 0; i < STARTS; i++) {
    await workbench?.close()
    workbench = await start({ project })
    // What has been computed is looked up as the project opens.
    await expect(screenLink(workbench.page, 'Evaluate')).toHaveAccessibleName(/, done$/, { timeout: 60_000 })
    for (const screen of PROJECT_SCREENS) await first.measure(workbench.page, screen)
  }
  const { page, kind } = workbench!
  for (const screen of PROJECT_SCREENS) {
    for (let i = 0; i < REPEATS; i++) {
      // To a screen that has nothing to do with the project.
      await goTo(page, 'New project')
      await again.measure(page, screen)
    }
  }
  const memory = await measureMemory(page)
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  const table = [
    `1000 classes, 12,000 features, ${kind}: from click to content painted, median (all); promise: ${OPENS_IN} ms`,
    `${''.padEnd(12)} ${'first opening'.padEnd(26)} again`,
    ...PROJECT_SCREENS.map((screen) => {
      return `${screen.padEnd(12)} ${first.line(screen, 'content').padEnd(26)} ${again.line(screen, 'content')}`
    }),
    `Selection with its path: ${first.line('Selection', 'whole')}, again ${again.line('Selection', 'whole')}`,
    `renderer: ${megabytes(memory.resident)} resident, ${megabytes(memory.heap)} of it JavaScript heap, ${memory.nodes} nodes; promise: ${megabytes(MEMORY)}`,
  ].join('\n')
  info.annotations.push({ type: 'table', description: table })
  for (const screen of PROJECT_SCREENS) {
    expect.soft(first.fastest(screen, 'content'), `${screen} opens for the first time`).toBeLessThan(ALLOWED)
    expect.soft(first.fastest(screen, 'whole'), `${screen} is whole`).toBeLessThan(WHOLE_IN)
    expect.soft(again.median(screen, 'whole'), `${screen} opens again`).toBeLessThan(OPENS_IN)
  }
  expect.soft(memory.resident, 'memory of the renderer').toBeLessThan(MEMORY)
})

class Times {
  private readonly all = new Map<Screen, Opening[]>()

  async measure(page: Page, screen: (typeof PROJECT_SCREENS)[number]): Promise<void> {
    const opening = await measureOpening(page, screen, CONTENT[screen])
    this.all.set(screen, [...(this.all.get(screen) ?? []), opening])
    await settled(page)
    await page.waitForTimeout(REST)
  }

  /** Milliseconds. */
  fastest(screen: Screen, what: keyof Opening): number {
    return this.sorted(screen, what)[0]
  }

  /** Milliseconds. */
  median(screen: Screen, what: keyof Opening): number {
    const sorted = this.sorted(screen, what)
    return sorted[(sorted.length - 1) / 2]
  }

  line(screen: Screen, what: keyof Opening): string {
    const all = this.sorted(screen, what).map((time) => time.toFixed(0))
    return `${this.median(screen, what).toFixed(0).padStart(4)} ms (${all.join(', ')})`
  }

  private sorted(screen: Screen, what: keyof Opening): number[] {
    return (this.all.get(screen) ?? []).map((opening) => opening[what]).sort((a, b) => a - b)
  }
}
