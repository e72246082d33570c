import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { textWidth } from './font.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/font-widths.json', import.meta.url), 'utf8'),
) as Record<'regular' | 'bold', Record<string, number>>

it.each(['regular', 'bold'] as const)('measures %s text as fontTools does', (weight) => {
  for (const [text, width] of Object.entries(golden[weight])) {
    expect(textWidth(text, 10, weight), text).toBeCloseTo(width, 9)
    expect(textWidth(text, 7, weight), text).toBeCloseTo(width * 0.7, 9)
  }
})
