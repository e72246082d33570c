import { heading } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** A browser hands over files without their paths: models and projects are chosen in a dialog of the page. */
test('a model and a project that are dropped in a browser are told what to do with', async ({ start, hostKind }) => {
  test.skip(hostKind !== 'browser', 'the desktop knows the paths of what is dropped')
  const { page } = await start()
  await expect(heading(page)).toBeVisible()

  await drop(page, 'model.json')
  await expect(heading(page)).toHaveText('New project')
  const told = page.getByRole('alert').filter({ hasText: 'model.json' })
  await expect(told).toContainText('A browser does not tell where a dropped file or folder lies')

  await drop(page, 'project.sqlite')
  await expect(page.getByRole('dialog', { name: 'Open a project' })).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'project.sqlite' })).toContainText('open the project in this dialog')
  await page.keyboard.press('Escape')

  await drop(page, 'flower.png')
  await expect(page.getByRole('alert').filter({ hasText: 'No project is open' })).toContainText('Open a project first')
})

async function drop(page: Page, name: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle((fileName) => {
    const made = new DataTransfer()
    made.items.add(new File(['content'], fileName))
    return made
  }, name)
  for (const type of ['dragenter', 'dragover', 'drop']) await page.getByRole('main').dispatchEvent(type, { dataTransfer })
}
