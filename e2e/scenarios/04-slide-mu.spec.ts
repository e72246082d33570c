import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { vebi } from '../support/data.ts'
import { goTo } from '../support/screens.ts'
import { expect, test } from '../support/test.ts'

interface Selected {
  readonly layers: string
  readonly classes: readonly {
    readonly name: string
    readonly certificate: { readonly nonZeros: number }
    readonly features: readonly { readonly layerName: string; readonly channel: number; readonly weight: number }[]
  }[]
}

test('sliding mu shows the features that the command line selects at that mu', async ({ demo, folder, finished }) => {
  const { page } = demo
  const twin = join(folder, 'twin')
  await cp(finished, twin, { recursive: true })
  await goTo(page, 'Selection')
  const main = page.getByRole('main')
  const field = main.getByRole('spinbutton', { name: 'μ' })
  const table = main.getByRole('region', { name: 'Relevant features' })

  const compare = async (mu: number): Promise<void> => {
    const selected = JSON.parse(await vebi('select', twin, '--mu', String(mu), '--json')) as Selected[]
    const [first] = selected.find(({ layers }) => layers === 'All')!.classes
    const count = first.certificate.nonZeros
    await expect(main).toContainText(`: ${count} relevant feature${count === 1 ? '' : 's'}.`)
    await expect(table.getByRole('link')).toHaveCount(count)
    for (const { layerName, channel, weight } of first.features) {
      const row = table.getByRole('row').filter({ has: page.getByRole('link', { name: `${layerName} / ${channel}`, exact: true }) })
      await expect(row).toContainText(Number(weight.toPrecision(3)).toString().replace('-', '−'))
    }
  }

  for (const mu of [5, 2.5, 14]) {
    await field.fill(String(mu))
    await field.press('Enter')
    await compare(mu)
  }

  // The handle itself, by the keyboard.
  await main.getByRole('slider', { name: 'μ' }).focus()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
  const slid = Number(await field.inputValue())
  expect(slid).toBeLessThan(14)
  await compare(slid)
})
