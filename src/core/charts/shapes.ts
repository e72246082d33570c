import type { CustomSeriesOption } from 'echarts'

/** The area between two curves over the same x values, `[points]` each. */
export interface Band {
  readonly x: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/**
 * A band as one polygon. Stacked line areas, the usual trick in echarts, fail where `low` is negative and need
 * equal x values in every series.
 */
export function bandSeries(band: Band, colour: string): CustomSeriesOption {
  const outline = [
    ...band.x.map((x, i) => [x, band.high[i]]),
    ...band.x.map((x, i) => [x, band.low[i]]).reverse(),
  ]
  return {
    type: 'custom',
    silent: true,
    clip: true,
    z: 1,
    data: [outline[0] ?? [0, 0]],
    renderItem: (_params, api) => ({
      type: 'polygon',
      shape: { points: outline.map((point) => api.coord(point)) },
      style: { fill: colour, opacity: 0.18 },
    }),
  }
}

/** An interval at category `index`, shifted from its centre by `offset` units of the drawing. */
export interface Whisker {
  readonly index: number
  readonly offset: number
  readonly low: number
  readonly high: number
}

export function whiskerSeries(whiskers: readonly Whisker[], colour: string, capWidth: number): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    clip: true,
    z: 5,
    data: whiskers.map(({ index, high }) => [index, high]),
    renderItem: (params, api) => {
      const whisker = whiskers[params.dataIndex]
      const at = (value: number): [number, number] => {
        const [x, y] = api.coord([whisker.index, value]) as [number, number]
        return [x + whisker.offset, y]
      }
      const [[x, top], [, bottom]] = [at(whisker.high), at(whisker.low)]
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: colour, lineWidth: 0.7 },
      })
      const cap = capWidth / 2
      return {
        type: 'group',
        children: [line(x, top, x, bottom), line(x - cap, top, x + cap, top), line(x - cap, bottom, x + cap, bottom)],
      }
    },
  }
}
