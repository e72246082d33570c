import { describe, expect, it } from 'vitest'
import type { ChartTheme } from '../../composables/use-chart-theme.ts'
import { sampleResult } from '../../testing/ablation-result.ts'
import { ablationChartData } from '../../../core/charts/ablation-data.ts'
import { readingText, screenColour } from './curve-option.ts'

const THEME = { ink: '#eee', softInk: '#bbb', gridLine: '#333', background: '#111' } satisfies Partial<ChartTheme>
const DATA = ablationChartData(sampleResult(), 30)

describe('the values under the pointer', () => {
  it('are those of all curves at one number of removed features', () => {
    expect(readingText(DATA, [], 3).split('\n')).toEqual([
      '3 removed features',
      'All: ≈ 60.0 %',
      'Random for All: ≈ 82.5 (75.0–86.3) %',
      'OnlyConv: 60.0 %',
      'Random for OnlyConv: 65.0 (50.0–80.0) %',
      'Original: 90.0 %',
    ])
  })

  it('leave out what is hidden, and curves that do not reach', () => {
    expect(readingText(DATA, ['Random', 'Original'], 10)).toBe('10 removed features\nAll: 20.0 %')
    expect(readingText(DATA, ['All', 'Random'], 0)).toBe('0 removed features\nOnlyConv: 90.0 %\nOriginal: 90.0 %')
  })
})

describe('the chart on a dark screen', () => {
  it('has lighter lines than on paper', () => {
    expect(screenColour('#0072b2', { background: '#ffffff' })).toBe('#0072b2')
    expect(screenColour('#0072b2', { background: '#1b1f26' })).toBe('#59a3cd')
  })

  it('has no ink of paper and no legend of its own', async () => {
    const { curveOption } = await import('./curve-option.ts')
    const tooltip = {
      renderMode: 'richText',
      backgroundColor: '#222',
      borderColor: '#444',
      textStyle: { color: '#eee', fontSize: 12, fontFamily: 'sans-serif' },
    } as const
    const theme: ChartTheme = { ...THEME, accent: '#7cf', fontFamily: 'sans-serif', fontSize: 12, tooltip }
    // Without a page, texts are not measured: a canvas is needed for that.
    const measured = { createElement: () => ({ getContext: () => null }) }
    Object.assign(globalThis, { document: measured })
    const option = curveOption(DATA, [], theme, { width: 600, height: 400 }, 4)
    expect(option).toMatchObject({ legend: { show: false }, backgroundColor: '#111' })
    const series = option.series as { name?: string; color?: string; markLine?: unknown }[]
    expect(series.find(({ name }) => name === 'Original')).toMatchObject({ color: '#eee' })
    expect(series.filter(({ markLine }) => markLine !== undefined)).toHaveLength(1)
    const random = option.series as { name?: string; lineStyle?: { width: number; type: number[] } }[]
    expect(random.find(({ name }) => name === 'Random for All')?.lineStyle).toMatchObject({ width: 2, type: [2, 3] })
    expect(JSON.stringify(option)).not.toContain('#000000')
  })
})
