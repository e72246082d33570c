import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { combineHeatmaps, scaleHeatmap, strongestFeatures } from './explanation.ts'
import { randomIndex, randomStream } from './random.ts'

describe('strongestFeatures', () => {
  it('is r = w * x, positive only, largest first, ties by feature', () => {
    const random = randomStream(8)
    for (let round = 0; round < 30; round++) {
      const size = 1 + randomIndex(random, 12)
      const weights = Float64Array.from({ length: size }, () => randomIndex(random, 7) - 3)
      const descriptor = Float32Array.from({ length: size }, () => randomIndex(random, 4))
      const most = randomIndex(random, 5)
      const expected = Array.from(weights, (w, feature) => ({ feature, contribution: w * descriptor[feature] }))
        .filter(({ contribution }) => contribution > 0)
        .sort((a, b) => b.contribution - a.contribution || a.feature - b.feature)
        .slice(0, most)
      expect(strongestFeatures(weights, descriptor, most)).toEqual(expected)
    }
  })

  it('has none where no weight meets a response of its sign', () => {
    expect(strongestFeatures([1, -2, 0], [0, 3, 5], 3)).toEqual([])
    expect(strongestFeatures([-1, 2], [-2, 1], 3)).toEqual([
      { feature: 0, contribution: 2 },
      { feature: 1, contribution: 2 },
    ])
  })
})

describe('scaleHeatmap', () => {
  it('is (|h| - min) / (max - min), as NumPy has it', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { heatmap } = JSON.parse(readFileSync(stored, 'utf8')) as { heatmap: { raw: number[]; scaled: number[] } }
    const { scaled, min, max } = scaleHeatmap(heatmap.raw)
    heatmap.scaled.forEach((value, i) => expect(Math.abs(scaled[i] - value)).toBeLessThan(1e-7))
    const sizes = heatmap.raw.map(Math.abs)
    expect([min, max]).toEqual([Math.min(...sizes), Math.max(...sizes)])
    expect([Math.min(...scaled), Math.max(...scaled)]).toEqual([0, 1])
  })

  it('leaves a flat map at zero, whatever its height and signs', () => {
    expect(scaleHeatmap([0, 0, 0])).toEqual({ scaled: new Float32Array(3), min: 0, max: 0 })
    expect(scaleHeatmap([2, -2, 2])).toEqual({ scaled: new Float32Array(3), min: 2, max: 2 })
  })
})

describe('combineHeatmaps', () => {
  it('takes the largest value of each pixel', () => {
    const maps = [Float32Array.of(0, 0.5, 1), Float32Array.of(0.25, 0.75, 0)]
    expect([...combineHeatmaps(maps, 3)]).toEqual([0.25, 0.75, 1])
    expect(maps[0][0]).toBe(0)
    expect([...combineHeatmaps([], 2)]).toEqual([0, 0])
  })
})
