import { expect, type Page } from '@playwright/test'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runFolder } from './run-folder.ts'
import { running, screenLink } from './screens.ts'

/** The demo takes the better part of a minute, so it is computed once, by the first test that needs it. */

/** Time that all steps of the demo may take; on WebAssembly they take minutes. Milliseconds. */
export const DEMO_TIME = 400_000

/** The folder of recent projects and of the demo in which it is computed. */
export async function sharedState(): Promise<string> {
  const state = join(runFolder(), 'state')
  await mkdir(state, { recursive: true })
  return state
}

/** What a new user does: one click, and all is computed. */
export async function openDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the demo' }).click()
  await expect(screenLink(page, 'Evaluate')).toHaveAccessibleName(/, done$/, { timeout: DEMO_TIME })
  await expect(running(page)).toBeHidden({ timeout: DEMO_TIME })
}

/** Called when the demo in the shared state is computed and its host closed. */
export async function markFinished(): Promise<void> {
  await writeFile(join(await sharedState(), FINISHED), '')
}

/** Folder of the demo's project with everything computed; undefined until it is. */
export async function finishedDemo(): Promise<string | undefined> {
  const state = await sharedState()
  if (!existsSync(join(state, FINISHED))) return undefined
  const folder = (await readdir(state)).find((name) => name.startsWith('demo-'))
  return folder === undefined ? undefined : join(state, folder, 'project-single-6c')
}

const FINISHED = 'finished'
