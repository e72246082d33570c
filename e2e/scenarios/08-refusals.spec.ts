import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO_MODEL } from '../support/data.ts'
import { goTo, heading } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

test('every refusal stands where the mistake was made, and says what to do', async ({ start, folder }) => {
  const broken = join(folder, 'broken')
  await mkdir(broken)
  await writeFile(join(broken, 'project.sqlite'), 'this is no database, however long it may be '.repeat(100))
  const state = join(folder, 'state')
  await mkdir(state)
  await writeFile(join(state, 'recent.json'), JSON.stringify([{ folder: broken, openedAt: Date.now() }]))
  const { page } = await start({ state })
  const main = page.getByRole('main')

  await main.getByRole('button', { name: /^broken/ }).click()
  const projects = main.getByRole('region', { name: 'Projects' })
  await expect(projects.getByRole('alert')).toContainText(join(broken, 'project.sqlite'))
  await expect(projects.getByRole('alert')).toContainText('Repair or replace that file, or choose another one.')
  await expect(page.getByText('no project open')).toBeVisible()

  await goTo(page, 'New project')
  const model = page.getByRole('textbox', { name: 'Path of the model' })
  await model.fill('/nowhere/model.json')
  await model.press('Enter')
  await expect(main.getByRole('alert')).toContainText('/nowhere/model.json does not exist.')
  await expect(main.getByRole('alert')).toContainText('Check the path, or choose the file again.')
  await expect(main.getByRole('button', { name: 'Next' })).toBeDisabled()

  const pickle = join(folder, 'network.pt')
  await writeFile(pickle, Buffer.from([0x80, 2, 0x8a, 10]))
  await model.fill(pickle)
  await model.press('Enter')
  await expect(main.getByRole('alert')).toContainText(pickle)
  await expect(main.getByRole('button', { name: 'Next' })).toBeDisabled()

  await model.fill(DEMO_MODEL)
  await model.press('Enter')
  await expect(main).toContainText('348 features')
  await expect(main.getByRole('alert')).toHaveCount(0)
  await main.getByRole('button', { name: 'Next' }).click()
  const empty = join(folder, 'empty')
  await mkdir(empty)
  for (const name of ['Training images', 'Test images']) {
    const field = page.getByRole('textbox', { name })
    await field.fill(empty)
    await field.press('Enter')
  }
  await expect(main.getByRole('alert').first()).toContainText(empty)
  await expect(main.getByRole('button', { name: 'Next' })).toBeDisabled()
  await expect(heading(page)).toHaveText('New project')
})
