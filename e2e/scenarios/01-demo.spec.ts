import { existsSync } from 'node:fs'
import { DEMO_TIME, finishedDemo, markFinished, openDemo, sharedState } from '../support/demo.ts'
import { goTo } from '../support/screens.ts'
import { expect, test, type Page } from '../support/test.ts'

/** As the README prints them from the command line. */
const SENTENCES = [
  'Removing the 26 relevant features of All takes the accuracy from 98.3 % to 73.0 %; removing as many random features of the same layers leaves 89.8 %',
  'Removing the 14 relevant features of OnlyConv takes the accuracy from 98.3 % to 44.7 %; removing as many random features of the same layers leaves 78.8 %',
]
const HEATMAPS = [
  { name: 'Upsampled activations', area: '0.237', best: '0.348' },
  { name: 'Deconv+GB', area: '0.164', best: '0.420' },
  { name: 'Ours (stride corrected)', area: '0.225', best: '0.512' },
  { name: 'Ours, weights shuffled', area: '0.026', best: '0.059' },
  { name: 'Random map', area: '0.062', best: '0.073' },
  { name: 'Centre box', area: '0.038', best: '0.038' },
  { name: 'Sobel of the image', area: '0.070', best: '0.150' },
  { name: 'Constant map', area: '0.073', best: '0.073' },
]

test.describe.configure({ timeout: DEMO_TIME })

test('first start: one click leads to the result of the demo, with the numbers of the README', async ({ start }) => {
  const workbench = await start({ state: await sharedState() })
  if ((await finishedDemo()) === undefined) {
    await expect(workbench.page.getByText('no project open')).toBeVisible()
  }
  await openDemo(workbench.page)
  await expectDemoNumbers(workbench.page)
  await workbench.close()
  await markFinished()
  expect(existsSync((await finishedDemo())!)).toBe(true)
})

test('the same numbers on another engine', async ({ start }) => {
  const engine = process.env['VEBI_E2E_ENGINE']
  test.skip(engine === undefined, 'the demo on a second engine takes minutes: VEBI_E2E_ENGINE=wasm runs it')
  const { page } = await start({ environment: { VEBI_ENGINE: engine! } })
  await openDemo(page)
  await expect(page.getByRole('button', { name: `Engine: ${engine}` })).toBeVisible()
  await expectDemoNumbers(page)
})

async function expectDemoNumbers(page: Page): Promise<void> {
  await goTo(page, 'Ablation')
  const main = page.getByRole('main')
  for (const sentence of SENTENCES) await expect(main).toContainText(sentence)
  await goTo(page, 'Evaluate')
  const whole = main.getByRole('region', { name: 'Kinds of heatmaps over all images' })
  for (const { name, area, best } of HEATMAPS) {
    const row = whole.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
    await expect(row).toContainText(area)
    await expect(row).toContainText(best)
  }
}
