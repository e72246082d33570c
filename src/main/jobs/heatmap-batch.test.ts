import { expect, it } from 'vitest'
import type { FeatureLayout } from '../../core/features.ts'
import { heatmapBatch } from './heatmap-batch.ts'

it('makes the maps of one layer together, at most so many at once, and returns them in their order', () => {
  const layer = (node: number, offset: number) => ({ node, name: `layer${node}`, kind: 'convolutional', offset, channels: 4 })
  const layout = { size: 8, layers: [layer(2, 0), layer(5, 4)] } as unknown as FeatureLayout
  const requests = [6, 1, 4, 7, 0, 5].map((feature, row) => ({ row, feature }))
  const passes: unknown[] = []
  const maps = heatmapBatch(layout, requests, 3, (node, rows, channels) => {
    passes.push([node, rows, channels])
    return Float32Array.from(rows.flatMap((row, i) => [100 * node + row, channels[i]]))
  })
  expect(passes).toEqual([
    [5, [0, 2, 3], [2, 0, 3]],
    [5, [5], [1]],
    [2, [1, 4], [1, 0]],
  ])
  expect(maps.map((map) => [...map])).toEqual([[500, 2], [201, 1], [502, 0], [503, 3], [204, 0], [505, 1]])
})
