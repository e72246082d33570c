import { join } from 'node:path'
import { vebi, DEMO_MODEL } from '../support/data.ts'
import { goTo, running } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

/** Twelve test images: every check of them takes a few seconds on native TensorFlow, and minutes on WebAssembly. */
const ALL_CHECKS_TIME = 400_000

async function smallProject(folder: string): Promise<string> {
  const images = join(folder, 'images')
  const project = join(folder, 'few-flowers')
  await vebi('generate', 'an8flower', '--variant', 'single-6c', '--seed', '5', '--count', '4', '--out', images)
  await vebi(
    ...['init', project, '--model', DEMO_MODEL, '--train', join(images, 'train'), '--test', join(images, 'test')],
    ...['--masks', join(images, 'masks', 'test'), '--labels', join(DEMO_MODEL, 'labels.txt'), '--scale', '1/255'],
  )
  return project
}

test.describe.configure({ timeout: ALL_CHECKS_TIME + 120_000 })

test('all checks run to their end, cancelled in between and taken up again', async ({ start, folder }) => {
  const { page } = await start({ project: await smallProject(folder) })
  await goTo(page, 'Evaluate')
  const checks = page.getByRole('main').getByRole('region', { name: 'Checks' })
  const article = (title: string): ReturnType<typeof checks.getByRole> => checks.getByRole('article', { name: title })

  // What the checks need is computed before them.
  await checks.getByRole('button', { name: 'Run all checks' }).click()
  await expect(article('Overlap with masks')).toContainText('supported', { timeout: 120_000 })
  await expect(article('Box occlusion').getByRole('progressbar')).toBeVisible({ timeout: 60_000 })
  await checks.getByRole('button', { name: 'Cancel all' }).click()
  await expect(checks.getByRole('button', { name: 'Run all checks' })).toBeEnabled({ timeout: 30_000 })
  await expect(running(page)).toBeHidden()
  await expect(article('Model randomisation')).toContainText('goes on from what is stored')
  await expect(article('Overlap with masks')).toContainText('The heatmaps find the masked parts')

  await checks.getByRole('button', { name: 'Run all checks' }).click()
  const summary = checks.getByRole('status').first()
  await expect(summary).toContainText('12 of 12 checks have a result', { timeout: ALL_CHECKS_TIME })

  // Each says what it found, shows a figure and a table, and says what it cannot show.
  await checks.getByRole('button', { name: 'Unfold all' }).click()
  const all = checks.getByRole('article')
  await expect(all).toHaveCount(12)
  for (const each of await all.all()) {
    await expect(each.locator('.sentence')).toContainText(/\d/)
    await expect(each.getByRole('img').first()).toBeVisible()
    await expect(each.getByRole('table').first()).toBeVisible()
    await expect(each).toContainText('What it cannot show')
  }

  // The results are the project's, not the page's.
  await page.reload()
  await expect(summary).toContainText('12 of 12 checks have a result', { timeout: 60_000 })
})
