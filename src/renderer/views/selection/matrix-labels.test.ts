import { describe, expect, it } from 'vitest'
import type { FeatureName } from '../../../shared/results.ts'
import { layerRuns, rowLabels, runBoxes } from './matrix-labels.ts'

const feature = (layerNumber: number, channel: number): FeatureName => ({
  feature: layerNumber * 100 + channel,
  layerNumber,
  layerName: `conv${layerNumber}`,
  layerKind: 'convolutional',
  channel,
})

describe('names of rows', () => {
  it('stand in the middle of each row', () => {
    expect(rowLabels({ left: 0, right: 9, top: 0, bottom: 3 }, 60)).toEqual([
      { row: 0, y: 10 },
      { row: 1, y: 30 },
      { row: 2, y: 50 },
    ])
  })

  it('leave rows out where they are too thin, the same ones wherever the view is', () => {
    expect(rowLabels({ left: 0, right: 9, top: 0, bottom: 1000 }, 100).map(({ row }) => row)).toEqual([
      150, 300, 450, 600, 750, 900,
    ])
    expect(rowLabels({ left: 0, right: 9, top: 10, bottom: 1010 }, 100)[0]).toEqual({ row: 150, y: 14.05 })
  })
})

describe('layers over the columns', () => {
  const runs = layerRuns([feature(1, 0), feature(1, 3), feature(4, 1), feature(4, 2), feature(4, 9)])

  it('are runs of neighbours', () => {
    expect(runs.map(({ number, start, end }) => [number, start, end])).toEqual([
      [1, 0, 2],
      [4, 2, 5],
    ])
  })

  it('are cut at the edges of the view', () => {
    const boxes = runBoxes(runs, { left: 1, right: 3, top: 0, bottom: 1 }, 100)
    expect(boxes.map(({ number, left, width }) => [number, left, width])).toEqual([
      [1, 0, 50],
      [4, 50, 50],
    ])
    expect(runBoxes(runs, { left: 3, right: 5, top: 0, bottom: 1 }, 100)).toHaveLength(1)
  })
})
