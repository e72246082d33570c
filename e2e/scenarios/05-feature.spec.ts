import { goTo, heading } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

const NOTE = 'Petals that are yellow: looks for colour, not for shape.'

test('a feature has its average, and a note and a pin that last', async ({ demo, start }) => {
  const { page } = demo
  await goTo(page, 'Features')
  const main = page.getByRole('main')
  await expect(main).toContainText('26 features')
  const list = main.getByRole('listbox', { name: /^Features/ })
  await expect(list.getByRole('option').first()).toContainText('relu3 / 31')
  await list.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')

  await expect(heading(page)).toContainText('relu3 / channel 31')
  await expect(main).toContainText('The 100 strongest patches come from 100 distinct images.')
  await expect(main).toContainText('Receptive field 112 × 112 px')
  await expect(main.getByRole('img', { name: 'Average, 100 strongest patches' })).toBeVisible()
  await expect(main.getByRole('img', { name: 'Random control, 100 random patches' })).toBeVisible()
  await expect(main.getByRole('option', { name: 'Patch 1, response 15.2' })).toBeVisible()
  // Relevant to the yellow flowers alone.
  await expect(main.getByRole('option', { name: /2-yellow 8\.61/ })).toBeVisible()

  await main.getByRole('textbox', { name: 'Note' }).fill(NOTE)
  await main.getByRole('button', { name: 'Pin', exact: true }).click()
  await expect(main.getByRole('button', { name: /Unpin|Pinned/ })).toBeVisible()
  await goTo(page, 'Features')
  await demo.close()

  const { page: later } = await start({ project: demo.project })
  await goTo(later, 'Features')
  await later.getByText('Only pinned', { exact: true }).click()
  const kept = later.getByRole('listbox', { name: /^Features/ })
  await expect(kept.getByRole('option')).toHaveCount(1)
  await kept.focus()
  await later.keyboard.press('Enter')
  await expect(later.getByRole('textbox', { name: 'Note' })).toHaveValue(NOTE)
})
