import type { LineSeriesOption } from 'echarts'
import { describe, expect, it, vi } from 'vitest'

vi.mock('../../composables/use-chart-theme.ts', () => ({ measureText: (text: string, size: number) => text.length * size * 0.6 }))
const { iouOption, SCREEN_WIDTH, tooltipText } = await import('./iou-option.ts')

const theme = {
  ink: '#eeeeee', softInk: '#aaaaaa', gridLine: '#333333', background: '#111111', accent: '#00ffff', fontFamily: 'sans',
  fontSize: 12,
  tooltip: {
    renderMode: 'richText', backgroundColor: '#000000', borderColor: '#000000',
    textStyle: { color: '#ffffff', fontSize: 12, fontFamily: 'sans' },
  },
} as const
const curve = (method: string, value: number, hidden = false) => ({
  method, control: false, iou: Array.from({ length: 101 }, () => value), area: value, hidden,
})
const CURVES = [curve('a', 0.2), curve('b', 0.5), curve('c', 0.9, true)]

describe('iouOption', () => {
  it('draws what is not hidden, wider than in print, and points out a threshold', () => {
    const plain = iouOption(CURVES, theme).series as LineSeriesOption[]
    expect(plain).toHaveLength(2)
    expect(plain.every(({ lineStyle }) => lineStyle?.width === 1.4 * SCREEN_WIDTH)).toBe(true)
    const marked = iouOption(CURVES, theme, 0.3).series as LineSeriesOption[]
    expect(marked.at(-1)?.markLine?.data).toEqual([{ xAxis: 0.3 }])
    expect(marked.slice(0, 2)).toEqual(plain)
  })

  it('tells the values under the pointer, largest first', () => {
    const shown = CURVES.filter(({ hidden }) => !hidden)
    expect(tooltipText(shown, [{ dataIndex: 25 }])).toBe('Threshold 0.25\n0.500  b\n0.200  a')
  })
})
