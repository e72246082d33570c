import { describe, expect, it } from 'vitest'
import type { AxisWindow, FieldChange } from './receptive-field.ts'
import { receptiveBox, receptiveFields } from './receptive-field.ts'

interface TestNode {
  readonly inputs: readonly number[]
  readonly change: FieldChange
  readonly shape: readonly number[]
}

const point: FieldChange = { kind: 'point' }
const everything: FieldChange = { kind: 'everything' }

function axis(kernel: number, stride = 1, padding = 0, dilation = 1): AxisWindow {
  return { kernel, stride, padding, dilation }
}

/** A node with the same or another window across, over `[height, width, 1]`. */
function slide(input: number, vertical: AxisWindow, horizontal = vertical): TestNode {
  return { inputs: [input], change: { kind: 'window', vertical, horizontal }, shape: [] }
}

function apply(change: FieldChange, ...inputs: number[]): TestNode {
  return { inputs, change, shape: [] }
}

function fieldsOf(nodes: readonly TestNode[], inputShape: readonly number[]) {
  return receptiveFields([apply(point), ...nodes], (node) => node.change, inputShape)
}

/** The input rows that each of `count` units depends on, by following every tap; padding depends on nothing. */
function dependence(sources: Set<number>[], window: AxisWindow, count: number): Set<number>[] {
  return Array.from({ length: count }, (_, unit) => {
    const rows = new Set<number>()
    for (let tap = 0; tap < window.kernel; tap++) {
      const source = unit * window.stride - window.padding + tap * window.dilation
      for (const row of sources[source] ?? []) rows.add(row)
    }
    return rows
  })
}

describe('receptive fields', () => {
  it('follow the recursion of VGG-F by hand', () => {
    const fields = fieldsOf(
      [
        slide(0, axis(11, 4)),
        slide(1, axis(3, 2)),
        slide(2, axis(5, 1, 2)),
        slide(3, axis(3, 2)),
        slide(4, axis(3, 1, 1)),
      ],
      [224, 224, 3],
    )
    expect(fields.map((field) => [field.vertical.size, field.vertical.stride, field.vertical.start])).toEqual([
      [1, 1, 0],
      [11, 4, 0],
      [19, 8, 0],
      [51, 8, -16],
      [67, 16, -16],
      [99, 16, -32],
    ])
  })

  it.each([
    ['stride and padding', [axis(5, 2, 1), axis(3, 1, 1), axis(3, 2)]],
    ['dilation', [axis(3, 1, 2, 2), axis(2, 2, 0, 3), axis(3, 1, 1)]],
    ['single taps', [axis(1, 3), axis(1, 1, 2), axis(4, 1, 1)]],
  ])('hold every pixel that a unit depends on: %s', (_title, windows) => {
    const length = 41
    let sources = Array.from({ length }, (_, row) => new Set([row]))
    const fields = fieldsOf(windows.map((window, index) => slide(index, window, axis(1))), [length, 1])
    windows.forEach((window, index) => {
      const covered = (window.kernel - 1) * window.dilation + 1
      const count = Math.floor((sources.length + 2 * window.padding - covered) / window.stride) + 1
      sources = dependence(sources, window, count)
      sources.forEach((rows, unit) => {
        const box = receptiveBox(fields[index + 1], [unit, 0], [length, 1])
        const [first, end] = [Math.min(...rows), Math.max(...rows) + 1]
        if (Math.abs(unit - (count - 1) / 2) <= 1) expect([box.top, box.bottom]).toEqual([first, end])
        // Near the border some taps fall on padding, so that a unit depends on less than its box.
        if (rows.size > 0) expect(box.top <= first && end <= box.bottom).toBe(true)
      })
    })
  })

  it('treat the axes apart', () => {
    const [, field] = fieldsOf([slide(0, axis(3, 2, 1), axis(5, 1, 0, 2))], [20, 20, 1])
    expect(field).toEqual({
      vertical: { size: 3, stride: 2, start: -1 },
      horizontal: { size: 9, stride: 1, start: 0 },
      whole: false,
    })
  })

  it('span the branches that meet', () => {
    const fields = fieldsOf(
      [slide(0, axis(3, 2, 1)), slide(1, axis(5, 1, 2)), slide(1, axis(2, 1, 1)), apply(point, 1, 2, 3)],
      [32, 32, 1],
    )
    expect(fields[2].vertical).toEqual({ size: 11, stride: 2, start: -5 })
    expect(fields[3].vertical).toEqual({ size: 5, stride: 2, start: -3 })
    expect(fields[4].vertical).toEqual({ size: 11, stride: 2, start: -5 })
  })

  it('are the whole input where branches have no common grid', () => {
    const fields = fieldsOf([slide(0, axis(3, 2)), slide(0, axis(3, 1)), apply(point, 1, 2)], [9, 12, 3])
    expect(fields[3]).toEqual({
      vertical: { size: 9, stride: 0, start: 0 },
      horizontal: { size: 12, stride: 0, start: 0 },
      whole: true,
    })
  })

  it('stay whole once they are', () => {
    const fields = fieldsOf(
      [apply(everything, 0), apply(point, 1), slide(2, axis(3)), slide(0, axis(3)), apply(point, 3, 4)],
      [9, 12, 3],
    )
    expect(fields.map((field) => field.whole)).toEqual([false, true, true, true, false, true])
    expect(receptiveBox(fields[5], [4, 7], [9, 12, 3])).toEqual({
      top: 0, left: 0, bottom: 9, right: 12, clipped: false,
    })
  })

  it('hand the shapes of the inputs to the caller', () => {
    const nodes = [
      { inputs: [], shape: [28, 28] },
      { inputs: [0], shape: [28, 28, 1] },
      { inputs: [0, 1], shape: [3] },
    ]
    const seen: (readonly (readonly number[])[])[] = []
    receptiveFields(nodes, (_node, inputs) => (seen.push(inputs), point), [28, 28])
    expect(seen).toEqual([[[28, 28]], [[28, 28], [28, 28, 1]]])
  })

  it('take a vector for one row', () => {
    const [field] = fieldsOf([], [5])
    expect(receptiveBox(field, [0, 3], [5])).toEqual({ top: 0, left: 3, bottom: 1, right: 4, clipped: false })
  })
})

describe('receptive boxes', () => {
  const [, field] = fieldsOf([slide(0, axis(5, 2, 2), axis(3, 3, 0))], [10, 9, 3])

  it('are cut at the border and say so', () => {
    expect(receptiveBox(field, [0, 0], [10, 9, 3])).toEqual({ top: 0, left: 0, bottom: 3, right: 3, clipped: true })
    expect(receptiveBox(field, [1, 2], [10, 9, 3])).toEqual({ top: 0, left: 6, bottom: 5, right: 9, clipped: false })
    expect(receptiveBox(field, [4, 1], [10, 9, 3])).toEqual({ top: 6, left: 3, bottom: 10, right: 6, clipped: true })
  })

  it('are empty, never inverted, for a unit that sees padding only', () => {
    const [, far] = fieldsOf([slide(0, axis(1, 1, 3))], [4, 4])
    expect(receptiveBox(far, [0, 8], [4, 4])).toEqual({ top: 0, left: 4, bottom: 0, right: 4, clipped: true })
  })
})
