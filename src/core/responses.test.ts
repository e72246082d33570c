import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { featureLayout, type FeatureLayout } from './features.ts'
import { randomIndex, randomStream } from './random.ts'
import { describeImages, gatherColumns, type Scaling } from './responses.ts'

const SCALINGS: readonly Scaling[] = [
  { response: 'l2', image: 'none' },
  { response: 'squared', image: 'none' },
  { response: 'l2', image: 'l2' },
  { response: 'squared', image: 'l2' },
]
/** Of values up to 1, in float32. */
const TOLERANCE = 1e-6

function layoutOf(...sizes: readonly number[]): FeatureLayout {
  return featureLayout(
    sizes.map((channels, i) => ({ number: i + 1, node: i + 1, name: `layer${i}`, kind: 'convolutional', channels })),
  )
}

/** One image, by the words of the definition: responses, over the layer's sum, then over the image's norm. */
function plainDescriptor(norms: readonly number[], layout: FeatureLayout, scaling: Scaling): number[] {
  const x = layout.layers.flatMap(({ offset, channels }) => {
    const responses = norms.slice(offset, offset + channels).map((a) => (scaling.response === 'squared' ? a ** 2 : a))
    const total = responses.reduce((sum, a) => sum + Math.abs(a), 0)
    return responses.map((a) => (total === 0 ? 0 : a / total))
  })
  const length = Math.hypot(...x)
  return scaling.image === 'l2' && length > 0 ? x.map((value) => value / length) : x
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(TOLERANCE))
}

describe('describeImages', () => {
  it.each(SCALINGS)('is the plain definition, also in place: %o', (scaling) => {
    const random = randomStream(3)
    for (let round = 0; round < 20; round++) {
      const sizes = Array.from({ length: 1 + randomIndex(random, 4) }, () => 1 + randomIndex(random, 5))
      const layout = layoutOf(...sizes)
      const images = 1 + randomIndex(random, 4)
      const draw = (): number => Math.max(0, randomIndex(random, 9) - 3) / 3
      const norms = Float32Array.from({ length: images * layout.size }, draw)
      const rows = Array.from({ length: images }, (_, i) => [...norms.slice(i * layout.size, (i + 1) * layout.size)])
      const expected = rows.flatMap((row) => plainDescriptor(row, layout, scaling))
      const before = norms.slice()
      expectClose(describeImages(norms, images, layout, scaling), expected)
      expect(norms).toEqual(before)
      expect(describeImages(norms, images, layout, scaling, norms)).toBe(norms)
      expectClose(norms, expected)
    }
  })

  it('is what NumPy computes', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { descriptors: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
      descriptors: { sizes: number[]; images: number; norms: number[]; descriptors: Record<string, number[]> }
    }
    const norms = Float32Array.from(golden.norms)
    for (const scaling of SCALINGS) {
      const found = describeImages(norms, golden.images, layoutOf(...golden.sizes), scaling)
      expectClose(found, golden.descriptors[`${scaling.response}/${scaling.image}`])
    }
  })

  it('keeps a layer, and an image, that is all zero at zero', () => {
    const norms = Float32Array.of(0, 0, 3, 1, 0, 0, 0, 0)
    for (const scaling of SCALINGS) {
      const found = describeImages(norms, 2, layoutOf(2, 2), scaling)
      expect([...found.slice(0, 2), ...found.slice(4)]).toEqual([0, 0, 0, 0, 0, 0])
      expect(found[2]).toBeGreaterThan(0)
    }
  })

  it('weighs layers alike, whatever the size of their responses', () => {
    const found = describeImages(Float32Array.of(1e-20, 3e-20, 1e18, 3e18), 1, layoutOf(2, 2), SCALINGS[1])
    expectClose(found, [0.1, 0.9, 0.1, 0.9])
  })

  it('refuses too few norms', () => {
    const describe = (): unknown => describeImages(new Float32Array(7), 2, layoutOf(2, 2), SCALINGS[0])
    expect(describe).toThrow('Expected 2 x 4 norms, got 7.')
  })
})

describe('gatherColumns', () => {
  it('takes columns in the order asked for', () => {
    const rows = Float32Array.of(1, 2, 3, 4, 5, 6)
    expect([...gatherColumns(rows, 2, 3, Int32Array.of(2, 0))]).toEqual([3, 1, 6, 4])
    expect(gatherColumns(rows, 2, 3, new Int32Array(0))).toHaveLength(0)
  })
})
