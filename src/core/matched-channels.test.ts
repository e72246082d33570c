import { describe, expect, it } from 'vitest'
import { featureLayout } from './features.ts'
import { MatchedChannels } from './matched-channels.ts'

const layout = featureLayout([
  { number: 1, node: 1, name: 'a', kind: 'convolutional', channels: 8 },
  { number: 2, node: 2, name: 'b', kind: 'fully-connected', channels: 5 },
])
const all = new Float32Array(13).fill(1)

describe('MatchedChannels', () => {
  it('keeps layers, order and number, and repeats no channel', () => {
    for (let seed = 0; seed < 50; seed++) {
      const replaced = new MatchedChannels(layout, seed).replace(0, [9, 3, 10, 0], all)
      expect(replaced.map((feature) => (feature < 8 ? 'a' : 'b'))).toEqual(['b', 'a', 'b', 'a'])
      expect(new Set(replaced).size).toBe(4)
    }
  })

  it('never takes a silent channel', () => {
    const norms = new Float32Array(13)
    norms[3] = norms[6] = norms[12] = 0.5
    for (let seed = 0; seed < 50; seed++) {
      const replaced = new MatchedChannels(layout, seed).replace(1, [3, 12, 6], norms)
      expect(replaced[1]).toBe(12)
      expect([replaced[0], replaced[2]].sort()).toEqual([3, 6])
    }
  })

  it('draws every channel of the layer equally often, and gives one class the same channels', () => {
    const counts = new Array<number>(8).fill(0)
    for (let seed = 0; seed < 4000; seed++) {
      const draw = new MatchedChannels(layout, seed)
      const [first] = draw.replace(2, [5], all)
      expect(draw.replace(2, [1], all)).toEqual([first])
      counts[first]++
    }
    // Five standard errors of a share of 1/8 among 4000.
    for (const count of counts) expect(Math.abs(count / 4000 - 1 / 8)).toBeLessThan(0.027)
  })
})
