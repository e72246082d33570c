import { expect, it, vi } from 'vitest'
import type { LineSeriesOption } from 'echarts/charts'
import type { ModelLayer } from '../../../shared/model-report.ts'
import { receptiveFieldChart } from './receptive-field-chart.ts'

vi.mock('../../composables/use-chart-theme.ts', () => ({
  measureText: (text: string, size: number) => text.length * size * 0.6,
}))

const theme = {
  ink: '#000',
  softInk: '#555',
  gridLine: '#ddd',
  background: '#fff',
  accent: '#00f',
  fontFamily: 'sans',
  fontSize: 12,
  tooltip: {
    renderMode: 'richText',
    backgroundColor: '#fff',
    borderColor: '#ddd',
    textStyle: { color: '#000', fontSize: 12, fontFamily: 'sans' },
  },
} as const
const colours = { convolutional: 'green', 'fully-connected': 'pink' }

function layer(number: number, receptiveField: [number, number], shape: number[]): ModelLayer {
  return {
    number,
    name: `l${number}`,
    operator: 'conv2d',
    shape,
    parameters: 0,
    channels: 4,
    stride: shape.length === 1 ? null : [4, 2],
    receptiveField,
    sets: ['All'],
  }
}

const report = {
  input: [32, 30, 3],
  layers: [layer(1, [1205, 7], [8, 8, 4]), layer(2, [32, 30], [10])],
}

it('draws the longer side of each receptive field and of the input, coloured by the kind of layer', () => {
  const option = receptiveFieldChart(report, theme, colours)
  const series = option.series as LineSeriesOption[]
  expect(series.map(({ name, data }) => [name, data])).toEqual([
    ['input', [32, 32]],
    ['fields', [1205, 32]],
    ['convolutional', [1205, null]],
    ['fully-connected', [null, 32]],
  ])
  expect(series.slice(2).map(({ color }) => color)).toEqual(['green', 'pink'])
  expect(option.legend).toEqual([])
})

it('names layer, field and distance under the pointer', () => {
  const { tooltip } = receptiveFieldChart(report, theme, colours)
  const { formatter } = tooltip as { formatter: (params: { dataIndex: number }[]) => string }
  expect(formatter([{ dataIndex: 0 }])).toBe('1 l1\n1,205 × 7 px, 4 × 2 px apart')
  expect(formatter([{ dataIndex: 1 }])).toBe('2 l2\n32 × 30 px, one unit sees everything')
})
