import { goTo, heading, PROJECT_SCREENS, screenLink } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

test('an engine that is killed is restarted, and the project is still there', async ({ demo }) => {
  const { page, enginePid } = demo
  const before = await enginePid()
  expect(before).toBeDefined()
  await goTo(page, 'Selection')

  process.kill(before!, 'SIGKILL')
  const banner = page.locator('.shell > [role="alert"]')
  await expect(banner).toHaveText(
    'The engine has stopped unexpectedly (signal SIGKILL) and is being restarted. What was finished is kept; a job that ran can be resumed.',
  )
  await expect(banner).toBeHidden({ timeout: 30_000 })
  const after = await enginePid()
  expect(after).toBeDefined()
  expect(after).not.toBe(before)
  // The same project on the same screen, and every result is still known.
  await expect(heading(page)).toHaveText('Selection')
  await expect(page.getByRole('banner')).toContainText('demo-project')
  for (const screen of PROJECT_SCREENS) await goTo(page, screen)
  await expect(screenLink(page, 'Evaluate')).toHaveAccessibleName(/, done$/)
})
