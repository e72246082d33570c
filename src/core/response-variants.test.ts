import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { featureLayout } from './features.ts'
import { describeVariant } from './response-variants.ts'
import { describeImages } from './responses.ts'

const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const { sizeNormalised: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
  sizeNormalised: { norms: number[]; channels: number[]; places: number[]; rows: number[] }
}
const layout = featureLayout(
  golden.channels.map((channels, i) => ({ number: i + 1, node: i + 1, name: `l${i}`, kind: 'convolutional', channels })),
)
const norms = Float32Array.from(golden.norms)
const normalised = describeVariant(norms, 4, layout, golden.places, { response: 'size-normalised' })

describe('size-normalised responses', () => {
  it('are those of NumPy, a silent layer and a silent image among them', () => {
    golden.rows.forEach((expected, i) => expect(normalised[i]).toBeCloseTo(expected, 6))
    expect(normalised).not.toContain(NaN)
  })

  it('do not depend on the size of the maps: doubled in both axes, the norms double', () => {
    const doubled = norms.map((norm, i) => (i % 7 < 2 ? 2 * norm : norm))
    const found = describeVariant(doubled, 4, layout, [4 * golden.places[0], 4, 1], { response: 'size-normalised' })
    found.forEach((value, i) => expect(value).toBeCloseTo(normalised[i], 6))
  })

  it('are the responses of the paper once each layer is divided by its sum', () => {
    const paper = describeImages(norms, 4, layout, { response: 'l2', image: 'none' })
    const perLayer = describeImages(normalised, 4, layout, { response: 'l2', image: 'none' })
    perLayer.forEach((value, i) => expect(value).toBeCloseTo(paper[i], 6))
  })
})

describe('the variants of the presets', () => {
  it.each([
    { response: 'l2', image: 'none' },
    { response: 'squared', image: 'l2' },
  ] as const)('are their scaling: %j', (scaling) => {
    expect(describeVariant(norms, 4, layout, golden.places, scaling)).toEqual(describeImages(norms, 4, layout, scaling))
  })
})
