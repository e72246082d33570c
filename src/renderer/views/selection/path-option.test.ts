import { describe, expect, it } from 'vitest'
import type { PathCurve } from '../../../shared/results.ts'
import type { ChartTheme } from '../../composables/use-chart-theme.ts'
import { pathOption, pointsOf } from './path-option.ts'

const PATH: PathCurve = {
  mu: Float64Array.of(0, 0.5, 2, 8),
  lambda: Float64Array.of(4, 3, 1, 0),
  objective: Float64Array.of(10, 8, 5, 2),
  nonZeros: Int32Array.of(0, 1, 2, 3),
  nonZerosAfter: Int32Array.of(1, 2, 4, 3),
  complete: true,
}
const THEME: ChartTheme = {
  ink: '#111',
  softInk: '#222',
  gridLine: '#333',
  background: '#444',
  accent: '#555',
  fontFamily: 'sans-serif',
  fontSize: 12,
  tooltip: {
    renderMode: 'richText',
    backgroundColor: '#666',
    borderColor: '#777',
    textStyle: { color: '#888', fontSize: 12, fontFamily: 'sans-serif' },
  },
}

describe('the points of a path', () => {
  it('are its breakpoints, and go on where the path has ended', () => {
    expect(pointsOf(PATH, 'nonZeros', { kind: 'linear', low: 0, high: 20 })).toEqual([
      [0, 1],
      [0.5, 2],
      [2, 4],
      [8, 3],
      [20, 3],
    ])
  })

  it('reach one beyond the scale, and begin within it', () => {
    expect(pointsOf(PATH, 'lambda', { kind: 'log', low: 0.5, high: 1 })).toEqual([
      [0.5, 3],
      [2, 1],
    ])
  })

  it('do not go on where the path is not known further', () => {
    const cut = { ...PATH, complete: false }
    expect(pointsOf(cut, 'objective', { kind: 'linear', low: 0, high: 20 }).at(-1)).toEqual([8, 2])
  })
})

describe('the chart of a path', () => {
  it('has a line at the mu that is looked at and one at that of the analysis', () => {
    const scale = { kind: 'log', low: 0.5, high: 20 } as const
    const option = pathOption(PATH, 'nonZeros', scale, { mu: 3, analysisMu: 10 }, THEME)
    expect(option).toMatchObject({
      xAxis: { type: 'log', min: 0.5, max: 20 },
      series: [
        {
          data: [[0.5, 2], [2, 2], [2, 4], [8, 4], [8, 3], [20, 3], [20, 3]],
          markLine: { data: [{ name: 'analysis', xAxis: 10 }, { name: 'cursor', xAxis: 3 }] },
        },
      ],
    })
  })
})
