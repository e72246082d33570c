import { describe, expect, it } from 'vitest'
import { featureLayout, featuresOf, locate } from './features.ts'

const layout = featureLayout(
  [3, 1, 12].map((channels, i) => ({
    number: i + 1, node: 10 * (i + 1), name: `layer${i + 1}`, kind: 'convolutional', channels,
  })),
)

describe('featureLayout', () => {
  it('numbers channels through, layer after layer', () => {
    expect(layout.size).toBe(16)
    expect(layout.layers.map(({ offset }) => offset)).toEqual([0, 3, 4])
    expect(featureLayout([])).toEqual({ layers: [], size: 0 })
  })
})

describe('locate', () => {
  it('is the inverse of offset + channel', () => {
    let feature = 0
    for (const layer of layout.layers) {
      for (let channel = 0; channel < layer.channels; channel++) {
        expect(locate(layout, feature++)).toEqual({ layer, channel })
      }
    }
  })

  it.each([-1, 16])('refuses feature %d', (feature) => {
    expect(() => locate(layout, feature)).toThrow(`Feature ${feature} is outside of 0..15.`)
  })
})

describe('featuresOf', () => {
  it('gives the features of nodes in ascending order, however they are listed', () => {
    expect([...featuresOf(layout, [30, 10])]).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(featuresOf(layout, [])).toHaveLength(0)
  })

  it('refuses a node that was not extracted', () => {
    expect(() => featuresOf(layout, [10, 11])).toThrow('Node 11 is not among the extracted layers.')
  })
})
