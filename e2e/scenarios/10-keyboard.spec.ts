import { heading, PROJECT_SCREENS } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

test('open the demo and walk all screens without a mouse', async ({ start, finished }) => {
  // The demo as it is after the first start: made, and among the recent projects.
  const { page, kind } = await start({ state: stateOf(finished) })
  await expect(page.getByRole('button', { name: 'Open the demo' })).toBeVisible()
  await tabTo(page, 'Open the demo')
  await page.keyboard.press('Enter')
  await expect(heading(page)).toHaveText('Ablation', { timeout: 60_000 })

  for (const screen of PROJECT_SCREENS) {
    await tabTo(page, screen)
    await page.keyboard.press('Enter')
    await expect(heading(page)).toHaveText(screen)
    // What comes next begins at the screen.
    await expect(page.getByRole('main')).toBeFocused()
    await page.keyboard.press('Tab')
    expect(await focusIsVisible(page)).toBe(true)
  }

  const control = kind === 'desktop' ? 'Control' : 'Alt'
  for (const [index, screen] of PROJECT_SCREENS.entries()) {
    await page.keyboard.press(`${control}+${index + 2}`)
    await expect(heading(page)).toHaveText(screen)
  }
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toContainText('Keyboard shortcuts')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

function stateOf(project: string): string {
  return project.replace(/[\\/]demo-[^\\/]*[\\/][^\\/]*$/, '')
}

/** Presses Tab until an element whose name begins so has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const most = 200
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.textContent.trim().replace(/^\d\s*/, '') ?? '')
    if (focused.startsWith(name)) return
  }
  throw new Error(`"${name}" is not reached by ${most} presses of Tab.`)
}

/** Whether the focused element shows that it has the focus. */
function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return false
    // Some components draw the ring on what is around the field.
    for (let shown: Element | null = element, depth = 0; shown && depth < 4; shown = shown.parentElement, depth++) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown)
      if (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) return true
      if (boxShadow !== 'none') return true
    }
    return false
  })
}
