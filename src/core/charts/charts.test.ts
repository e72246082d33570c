import { describe, expect, it } from 'vitest'
import type { LegendComponentOption, LineSeriesOption } from 'echarts'
import { ablationChart, ablationTable } from './ablation.ts'
import { classwiseChart, classwiseTable, mostAffected } from './classwise.ts'
import { iouChart, iouTable } from './iou.ts'
import { layerStatisticsChart, layerStatisticsHeight, layerStatisticsTable } from './layer-statistics.ts'
import { overlapChart, overlapHeight, overlapTable } from './overlap.ts'
import { pathChart, pathTable } from './path.ts'
import { receptiveFieldsChart, receptiveFieldsTable } from './receptive-fields.ts'
import { responsesChart, responsesHeight, responsesTable } from './responses.ts'
import {
  sampleAblation,
  sampleClasswise,
  sampleIou,
  sampleLayerStatistics,
  sampleOverlap,
  sampleReceptiveFields,
  sampleResponses,
} from './sample-data.ts'
import { shorten } from './style.ts'
import type { ChartStyle } from './style.ts'
import { tickLabels } from './frame.ts'
import { niceTicks } from './ticks.ts'

const style: ChartStyle = {
  width: 240,
  height: 180,
  fontFamily: 'sans-serif',
  fontSize: 7,
  measureText: (text, size) => text.length * size * 0.6,
}

interface Series {
  readonly type: string
  readonly name?: string
  readonly data: readonly unknown[]
}

function seriesOf(option: { series?: unknown }): Series[] {
  return option.series as Series[]
}

describe('niceTicks', () => {
  it('encloses the range in 1-2-5 steps', () => {
    expect(niceTicks(0, 1, 5)).toEqual({ min: 0, max: 1, interval: 0.2, decimals: 1 })
    expect(niceTicks(0.63, 0.99, 5)).toEqual({ min: 0.6, max: 1, interval: 0.1, decimals: 1 })
    expect(niceTicks(0, 278, 5)).toEqual({ min: 0, max: 300, interval: 100, decimals: 0 })
    expect(niceTicks(-0.029, 0.235, 5)).toEqual({ min: -0.1, max: 0.3, interval: 0.1, decimals: 1 })
    expect(niceTicks(0, 3, 8, 1)).toEqual({ min: 0, max: 3, interval: 1, decimals: 0 })
    expect(niceTicks(0.981, 0.99, 5)).toEqual({ min: 0.98, max: 0.99, interval: 0.002, decimals: 3 })
  })

  it('always encloses, with few ticks, and writes each exactly', () => {
    for (const low of [-7, -0.3, 0, 0.02, 5]) {
      for (const span of [1e-4, 0.013, 0.3, 1, 9, 1234]) {
        const ticks = niceTicks(low, low + span)
        expect(ticks.min).toBeLessThanOrEqual(low + 1e-9 * ticks.interval + 1e-12)
        expect(ticks.max).toBeGreaterThanOrEqual(low + span - 1e-6 * ticks.interval)
        const labels = tickLabels(ticks)
        expect(labels.length).toBeLessThanOrEqual(8)
        expect(new Set(labels).size).toBe(labels.length)
        labels.forEach((label, i) => expect(Number(label)).toBeCloseTo(ticks.min + i * ticks.interval, 9))
      }
    }
  })

  it('survives an empty range', () => {
    expect(niceTicks(0, 0).max).toBeGreaterThanOrEqual(0)
    expect(niceTicks(1, 1).interval).toBeGreaterThan(0)
  })
})

describe('shorten', () => {
  const measure = (text: string): number => [...text].length

  it('keeps what fits and ends in an ellipsis otherwise', () => {
    expect(shorten('tabby', 5, measure)).toBe('tabby')
    expect(shorten('tiger cat', 7, measure)).toBe('tiger…')
    expect(shorten('tabby', 0, measure)).toBe('')
    expect(shorten('😀😀😀', 2, measure)).toBe('😀…')
  })
})

describe('ablationChart', () => {
  it('draws every curve, and a band for each random curve', () => {
    const drawn = seriesOf(ablationChart(sampleAblation(), style))
    expect(drawn.map(({ type, name }) => name ?? type)).toEqual([
      'custom',
      'custom',
      'All',
      'Random for All',
      'OnlyConv',
      'Random for OnlyConv',
      'Original',
    ])
    const all = drawn.find(({ name }) => name === 'All')!
    const { removed, accuracy } = sampleAblation().curves[0].selected
    expect(all.data).toEqual(removed.map((n, i) => [n, accuracy[i]]))
    expect(drawn.at(-1)!.data).toEqual([[0, 0.99], [290, 0.99]])
    expect((drawn.at(-1) as LineSeriesOption).lineStyle!.type).not.toBe('solid')
  })

  it('switches series off, band included', () => {
    const drawn = seriesOf(ablationChart(sampleAblation(), style, ['All', 'Random']))
    expect(drawn.map(({ name }) => name)).toEqual(['OnlyConv', 'Original'])
    expect((drawn[0] as LineSeriesOption).color).toBe('#d55e00')
    expect(ablationTable(sampleAblation(), ['All', 'OnlyConv', 'Random']).rows).toEqual([
      ['Original', 0, 0.99, null, null],
      ['Original', 290, 0.99, null, null],
    ])
    expect(ablationTable(sampleAblation(), ['Original']).rows.some(([name]) => name === 'Original')).toBe(false)
  })

  it('is never animated', () => {
    expect(ablationChart(sampleAblation(), style).animation).toBe(false)
    expect(iouChart(sampleIou(), style).animation).toBe(false)
    expect(classwiseChart(sampleClasswise(['a']), style).animation).toBe(false)
  })

  it('tabulates what it draws', () => {
    const { columns, rows } = ablationTable(sampleAblation())
    expect(columns).toEqual(['series', 'removed_features', 'mean_class_accuracy', 'band95_low', 'band95_high'])
    expect(rows.length).toBe(30 + 30 + 12 + 12 + 2)
    const { random } = sampleAblation().curves[0]
    expect(rows[33]).toEqual(['Random for All', 30, random!.mean[3], random!.low[3], random!.high[3]])
  })
})

describe('classwiseChart', () => {
  it('draws three bars per class and whiskers where there is an interval', () => {
    const data = sampleClasswise(['tabby', 'lynx'])
    const drawn = seriesOf(classwiseChart(data, style))
    expect(drawn.slice(0, 3).map(({ data: values }) => values)).toEqual([
      data.classes.map(({ onClass }) => onClass.value),
      data.classes.map(({ onOthers }) => onOthers.value),
      data.classes.map(({ onClassRandom }) => onClassRandom.value),
    ])
    expect(drawn.slice(3).map(({ data: whiskers }) => whiskers.length)).toEqual([2, 0, 2])
  })

  it('tabulates intervals, empty where there is none', () => {
    const data = sampleClasswise(['tabby'])
    const { onClass, onClassRandom } = data.classes[0]
    expect(classwiseTable(data).rows).toEqual([
      ['tabby', onClass.value, onClass.low, onClass.high, 0.004, null, null].concat([
        onClassRandom.value,
        onClassRandom.low!,
        onClassRandom.high!,
      ]),
    ])
  })
})

describe('mostAffected', () => {
  it('keeps the classes that lose most, in their order, and all where they are few', () => {
    const data = sampleClasswise(Array.from({ length: 40 }, (_, i) => `class ${i}`))
    const kept = mostAffected(data, 7).classes
    const losses = data.classes.map(({ onClass }) => onClass.value)
    const least = Math.min(...kept.map(({ onClass }) => onClass.value))
    expect(kept).toHaveLength(7)
    expect(losses.filter((loss) => loss > least)).toHaveLength(6)
    expect(kept).toEqual(data.classes.filter((one) => kept.includes(one)))
    expect(mostAffected(data, 40)).toBe(data)
  })
})

describe('pathChart', () => {
  const mu = [0, 1, 4]
  const features = Array.from({ length: 9 }, (_, i) => ({ name: `conv / ${i}`, weights: [0, i % 2 === 0 ? 0 : -i, 9 - i] }))

  it('names the first features and counts the others', () => {
    const option = pathChart({ mu, features }, style)
    const legends = option.legend as LegendComponentOption[]
    const labels = legends.flatMap((legend) =>
      (legend.data as { name: string }[]).map(({ name }) => (legend.formatter as (name: string) => string)(name)),
    )
    expect(labels).toEqual([...features.slice(0, 6).map(({ name }) => name), '3 other features'])
    const drawn = seriesOf(option)
    expect(drawn).toHaveLength(9)
    expect(drawn.at(-1)!.data).toEqual([[0, 0], [1, 0], [4, 9]])
    expect(drawn.slice(0, 3).map(({ name }) => name)).toEqual(['others', 'others', 'others'])
  })

  it('tabulates each feature at each breakpoint', () => {
    const { columns, rows } = pathTable({ mu, features })
    expect(columns).toEqual(['feature', 'mu', 'weight'])
    expect(rows).toHaveLength(27)
    expect(rows[4]).toEqual(['conv / 1', 1, -1])
  })
})

describe('iouChart', () => {
  it('names the area of each method in the legend', () => {
    const option = iouChart(sampleIou(), style)
    const legends = option.legend as LegendComponentOption[]
    const labels = legends.flatMap((legend) =>
      (legend.data as { name: string }[]).map(({ name }) => (legend.formatter as (name: string) => string)(name)),
    )
    expect(labels).toEqual(sampleIou().curves.map(({ method, area }) => `${method} (area ${area.toFixed(3)})`))
  })

  it('tells methods apart by colour and dash', () => {
    const lines = seriesOf(iouChart(sampleIou(), style)).filter(({ type }) => type === 'line') as LineSeriesOption[]
    const looks = lines.map(({ lineStyle }) => JSON.stringify([lineStyle!.color, lineStyle!.type, lineStyle!.width]))
    expect(new Set(looks).size).toBe(lines.length)
  })

  it('leaves out what is hidden and lets the others keep their looks', () => {
    const data = sampleIou()
    const looks = (chart: typeof data): unknown[] =>
      (seriesOf(iouChart(chart, style)).filter(({ type }) => type === 'line') as LineSeriesOption[]).map(
        ({ lineStyle }) => lineStyle,
      )
    const hidden = { ...data, curves: data.curves.map((curve, i) => ({ ...curve, hidden: i === 0 || i === 4 })) }
    expect(looks(hidden)).toEqual(looks(data).filter((_, i) => i !== 0 && i !== 4))
  })

  it('tabulates each threshold of each method', () => {
    const { rows } = iouTable(sampleIou())
    expect(rows.length).toBe(7 * 21)
    expect(rows[21]).toEqual(['Deconv+GB', 0, 0, sampleIou().curves[1].iou[0], null, null, 0.186])
  })
})

describe('responsesChart', () => {
  const names = ['tabby', 'lynx', 'a class with a very long name that cannot stand beside the plot', 'cougar']

  it('draws the classes that the feature is relevant to apart from the others, in the order given', () => {
    const drawn = seriesOf(responsesChart(sampleResponses(names), style))
    expect(drawn.map(({ name, data }) => [name, data])).toEqual([
      ['relevant', [[3 / 2, 0], [3 / 3, 1]]],
      ['other', [[3 / 4, 2], [3 / 5, 3]]],
    ])
  })

  it('writes the weight of a relevant class behind its name and shortens the name alone', () => {
    const option = responsesChart(sampleResponses(names), style)
    const { data, axisLabel } = option.yAxis as { data: string[]; axisLabel: { formatter: (at: string) => string } }
    const written = data.map((at) => axisLabel.formatter(at))
    expect(written.slice(0, 2)).toEqual(['tabby (+0.123)', 'lynx (-5.6e-4)'])
    expect(written[2]).toMatch(/^a class with a v.*…$/)
    expect(written[3]).toBe('cougar')
  })

  it('encloses the outer quantiles, and zero', () => {
    const { min, max } = responsesChart(sampleResponses(names), style).xAxis as { min: number; max: number }
    expect(min).toBe(0)
    expect(max).toBeGreaterThanOrEqual(4.5)
    const silent = { classes: sampleResponses(['a']).classes.map((one) => ({ ...one, quantiles: [0, 0, 0, 0, 0] as const })) }
    expect((responsesChart(silent, style).xAxis as { max: number }).max).toBe(1)
  })

  it('is higher with more classes and tabulates each', () => {
    expect(responsesHeight(30) - responsesHeight(20)).toBeCloseTo(17, 9)
    const { columns, rows } = responsesTable(sampleResponses(names))
    expect(columns).toHaveLength(9)
    expect(rows[1]).toEqual(['lynx', -0.00056, 51, 4 / 3, 0, 1 / 3, 1, 5 / 3, 3])
  })
})

describe('receptiveFieldsChart', () => {
  it('draws the longer sides with a mark for each layer, and the input', () => {
    const data = sampleReceptiveFields(3)
    const drawn = seriesOf(receptiveFieldsChart(data, style))
    expect(drawn.map(({ name, data: values }) => [name, values])).toEqual([
      ['input', [96, 96, 96, 96, 96]],
      ['fields', [5, 9, 13, 96, 96]],
      ['convolutional', [5, 9, 13, null, null]],
      ['fully-connected', [null, null, null, 96, 96]],
    ])
    const conv = { ...data, layers: data.layers.slice(0, 3) }
    expect(seriesOf(receptiveFieldsChart(conv, style)).map(({ name }) => name)).not.toContain('fully-connected')
  })

  it('tabulates both sides and leaves the stride empty where a unit sees everything', () => {
    const { rows } = receptiveFieldsTable(sampleReceptiveFields(1))
    expect(rows).toEqual([
      [1, 'conv0', 'conv2d', 'convolutional', 3, 5, 1, 1],
      [2, 'fc1', 'dense', 'fully-connected', 64, 96, null, null],
      [3, 'fc2', 'dense', 'fully-connected', 64, 96, null, null],
    ])
  })
})

describe('overlapChart', () => {
  const data = sampleOverlap(['tabby', 'lynx', 'cougar'])

  it('stacks what is of one set, of both and of the other, with the share of both behind', () => {
    const drawn = seriesOf(overlapChart(data, style)) as (Series & {
      stack: string
      label?: { formatter: (at: { dataIndex: number }) => string }
    })[]
    expect(drawn.map(({ name, stack, data: values }) => [name, stack, values])).toEqual([
      ['onlyFirst', 'features', [4, 2, 0]],
      ['both', 'features', [6, 3, 0]],
      ['onlySecond', 'features', [2, 1, 0]],
    ])
    expect([0, 1, 2].map((dataIndex) => drawn[2].label?.formatter({ dataIndex }))).toEqual(['50 %', '50 %', 'no features'])
    expect(drawn.slice(0, 2).map(({ label }) => label)).toEqual([undefined, undefined])
  })

  it('tabulates all classes together and each of them', () => {
    expect(overlapTable(data).rows).toEqual([
      [null, 'All', 'OnlyConv', 40, 31, 12, 31 / 83],
      ['tabby', 'All', 'OnlyConv', 4, 6, 2, 0.5],
      ['lynx', 'All', 'OnlyConv', 2, 3, 1, 0.5],
      ['cougar', 'All', 'OnlyConv', 0, 0, 0, null],
    ])
    expect(overlapHeight(30, 1) - overlapHeight(20, 1)).toBeCloseTo(16, 9)
  })
})

describe('layerStatisticsChart', () => {
  const layers = sampleLayerStatistics(4)

  it('draws the layers by their kind and a dot at the largest response of each', () => {
    const drawn = seriesOf(layerStatisticsChart({ layers, logarithmic: false }, style))
    expect(drawn.map(({ name, data }) => [name, data])).toEqual([
      ['convolutional', layers.slice(0, 3).map(({ mean }, row) => [mean, row])],
      ['fully-connected', [[layers[3].mean, 3]]],
      ['largest', layers.map(({ largest }, row) => [largest, row])],
    ])
  })

  it('writes number and name, shortened, and how many channels are silent', () => {
    const narrow = { ...style, width: 160 }
    const { data, axisLabel } = layerStatisticsChart({ layers, logarithmic: false }, narrow).yAxis as {
      data: string[]
      axisLabel: { formatter: (at: string) => string }
    }
    expect(data.map((at) => axisLabel.formatter(at))).toEqual(['1 conv2d_0', '2 conv2d_1', '3 c… (3 silent)', '4 conv2d_3'])
  })

  it('ends at powers of ten around all layers that respond, and leaves out what has no logarithm', () => {
    const mute = { ...layers[0], number: 5, mean: 0, standardDeviation: 0, largest: 0, silent: 20 }
    const [first, ...rest] = sampleLayerStatistics(4, 10)
    const wide = [{ ...first, standardDeviation: 1.999999 }, ...rest]
    const axisOf = (logarithmic: boolean) =>
      layerStatisticsChart({ layers: [mute], logarithmic }, style).xAxis as { min: number; max: number }
    const option = layerStatisticsChart({ layers: [...wide, mute], logarithmic: true }, style)
    const { type, min, max } = option.xAxis as { type: string; min: number; max: number }
    // A tenth of the smallest mean, 0.2; the largest response is 9000.
    expect([type, min, max]).toEqual(['log', 0.1, 10_000])
    expect(seriesOf(option).map(({ data }) => data.length)).toEqual([3, 1, 4])
    expect(axisOf(true)).toMatchObject({ min: 1, max: 10 })
    expect(axisOf(false)).toMatchObject({ min: 0, max: 1 })
  })

  it('fits a page however many layers there are, and tabulates each', () => {
    expect(layerStatisticsHeight(190)).toBe(layerStatisticsHeight(500))
    expect(layerStatisticsHeight(190) * 7).toBeLessThan(25 * (72 / 2.54))
    expect(layerStatisticsTable({ layers }).rows[2]).toEqual([
      3, 'conv2d_2', 'convolutional', 22, layers[2].mean, layers[2].standardDeviation, layers[2].largest, 3,
    ])
  })
})
