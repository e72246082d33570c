import type { OperatorName, OperatorSpecs, Padding, Pair, Weight } from '../../../../shared/graph.ts'

/** One array of one image, row-major, in float64. */
export interface Plain {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** Each operator as its definition reads, one value at a time. */
export const plainForward: {
  readonly [Op in OperatorName]: (spec: OperatorSpecs[Op], inputs: readonly Plain[]) => Plain
} = {
  input: (_spec, [x]) => x,
  conv2d(spec, [x]) {
    const { kernel, bias, groups, strides, padding, dilation } = spec
    const [kernelHeight, kernelWidth, groupIn, outChannels] = kernel.shape as [number, number, number, number]
    const groupOut = outChannels / groups
    return slide(x, [kernelHeight, kernelWidth], strides, padding, dilation, outChannels, (taps, out) => {
      let sum = bias ? bias.data[out] : 0
      for (const { row, column, y, x: at } of taps) {
        for (let inner = 0; inner < groupIn; inner++) {
          const channel = Math.floor(out / groupOut) * groupIn + inner
          sum += pixel(x, y, at, channel) * weightAt(kernel, row, column, inner, out)
        }
      }
      return sum
    })
  },
  depthwiseConv2d(spec, [x]) {
    const { kernel, bias, strides, padding, dilation } = spec
    const [kernelHeight, kernelWidth, channels, multiplier] = kernel.shape as [number, number, number, number]
    return slide(x, [kernelHeight, kernelWidth], strides, padding, dilation, channels * multiplier, (taps, out) => {
      const channel = Math.floor(out / multiplier)
      let sum = bias ? bias.data[out] : 0
      for (const { row, column, y, x: at } of taps) {
        sum += pixel(x, y, at, channel) * weightAt(kernel, row, column, channel, out % multiplier)
      }
      return sum
    })
  },
  dense({ kernel, bias }, [x]) {
    const [inUnits, outUnits] = kernel.shape as [number, number]
    const shape = [...x.shape.slice(0, -1), outUnits]
    return fill(shape, (index) => {
      const row = Math.floor(index / outUnits)
      const out = index % outUnits
      let sum = bias ? bias.data[out] : 0
      for (let unit = 0; unit < inUnits; unit++) {
        sum += x.data[row * inUnits + unit] * kernel.data[unit * outUnits + out]
      }
      return sum
    })
  },
  relu: ({ maxValue, negativeSlope, threshold }, [x]) =>
    each(x, (value) => {
      if (maxValue !== null && value >= maxValue) return maxValue
      return value >= threshold ? value : negativeSlope * (value - threshold)
    }),
  prelu: ({ alpha }, [x]) =>
    fill(x.shape, (index) => {
      const value = x.data[index]
      return value > 0 ? value : value * spreadAt(alpha, x.shape, index)
    }),
  elu: ({ alpha }, [x]) => each(x, (value) => (value > 0 ? value : alpha * (Math.exp(value) - 1))),
  sigmoid: (_spec, [x]) => each(x, (value) => 1 / (1 + Math.exp(-value))),
  tanh: (_spec, [x]) => each(x, Math.tanh),
  hardSigmoid: ({ alpha, beta }, [x]) => each(x, (value) => Math.min(Math.max(alpha * value + beta, 0), 1)),
  hardSwish: (_spec, [x]) => each(x, (value) => value * Math.min(Math.max(value / 6 + 1 / 2, 0), 1)),
  silu: (_spec, [x]) => each(x, (value) => value / (1 + Math.exp(-value))),
  gelu: ({ approximate }, [x]) =>
    each(x, (value) =>
      approximate
        ? (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)))
        : value * normalDistribution(value),
    ),
  softmax(_spec, [x]) {
    const classes = x.shape.at(-1)!
    return fill(x.shape, (index) => {
      const start = index - (index % classes)
      const exponentials = [...x.data.slice(start, start + classes)].map(Math.exp)
      return Math.exp(x.data[index]) / exponentials.reduce((sum, value) => sum + value)
    })
  },
  maxPool: ({ size, strides, padding }, [x]) =>
    slide(x, size, strides, padding, [1, 1], x.shape[2], (taps, channel) =>
      Math.max(...taps.filter((tap) => tap.real).map((tap) => pixel(x, tap.y, tap.x, channel))),
    ),
  averagePool: ({ size, strides, padding, countPadding }, [x]) =>
    slide(x, size, strides, padding, [1, 1], x.shape[2], (taps, channel) => {
      const sum = taps.reduce((total, tap) => total + pixel(x, tap.y, tap.x, channel), 0)
      return sum / taps.filter((tap) => countPadding || tap.real).length
    }),
  globalAveragePool: ({ keepAxes }, [x]) =>
    perChannel(x, keepAxes, (values) => values.reduce((sum, value) => sum + value) / values.length),
  globalMaxPool: ({ keepAxes }, [x]) => perChannel(x, keepAxes, (values) => Math.max(...values)),
  batchNorm: ({ scale, offset, mean, variance, epsilon }, [x]) =>
    fill(x.shape, (index) => {
      const channel = index % x.shape.at(-1)!
      const normalised = (x.data[index] - mean.data[channel]) / Math.sqrt(variance.data[channel] + epsilon)
      return normalised * (scale ? scale.data[channel] : 1) + (offset ? offset.data[channel] : 0)
    }),
  zeroPadding({ padding }, [x]) {
    const [height, width, channels] = x.shape as [number, number, number]
    const shape = [height + padding.top + padding.bottom, width + padding.left + padding.right, channels]
    return fill(shape, (index) => {
      const [row, column, channel] = place(index, shape) as [number, number, number]
      return pixel(x, row - padding.top, column - padding.left, channel)
    })
  },
  flatten: (_spec, [x]) => ({ shape: [x.data.length], data: x.data }),
  reshape: ({ shape }, [x]) => ({ shape, data: x.data }),
  permute({ order }, [x]) {
    const shape = order.map((axis) => x.shape[axis])
    return fill(shape, (index) => {
      const at = place(index, shape)
      return x.data[indexOf(x.shape.map((_, axis) => at[order.indexOf(axis)]), x.shape)]
    })
  },
  dropout: (_spec, [x]) => x,
  add: (_spec, inputs) => elementwise(inputs, (values) => values.reduce((sum, value) => sum + value)),
  multiply: (_spec, inputs) => elementwise(inputs, (values) => values.reduce((product, value) => product * value)),
  concatenate({ axis }, inputs) {
    const shape = [...inputs[0].shape]
    shape[axis] = inputs.reduce((total, part) => total + part.shape[axis], 0)
    return fill(shape, (index) => {
      const at = place(index, shape)
      let part = 0
      while (at[axis] >= inputs[part].shape[axis]) at[axis] -= inputs[part++].shape[axis]
      return inputs[part].data[indexOf(at, inputs[part].shape)]
    })
  },
  lrn({ radius, bias, alpha, beta }, [x]) {
    const channels = x.shape[2]
    return fill(x.shape, (index) => {
      const channel = index % channels
      let sum = 0
      for (let other = channel - radius; other <= channel + radius; other++) {
        if (other >= 0 && other < channels) sum += x.data[index - channel + other] ** 2
      }
      return x.data[index] / (bias + alpha * sum) ** beta
    })
  },
}

/** The probability that a standard normal variable is at most x: the integral of its density, by Simpson's rule. */
export function normalDistribution(x: number): number {
  const steps = 400
  const width = x / steps
  const density = (at: number): number => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI)
  let sum = 0
  for (let step = 0; step < steps; step++) {
    const start = step * width
    sum += (density(start) + 4 * density(start + width / 2) + density(start + width)) / 6
  }
  return 1 / 2 + sum * width
}

/** One tap of a window: its place in the kernel, the input pixel below it, and whether that is real or padding. */
export interface Tap {
  readonly row: number
  readonly column: number
  readonly y: number
  readonly x: number
  readonly real: boolean
}

export function tapsOf(
  input: Plain,
  unit: Pair,
  size: Pair,
  strides: Pair,
  padding: Padding,
  dilation: Pair,
): Tap[] {
  const taps: Tap[] = []
  for (let row = 0; row < size[0]; row++) {
    for (let column = 0; column < size[1]; column++) {
      const y = unit[0] * strides[0] - padding.top + row * dilation[0]
      const x = unit[1] * strides[1] - padding.left + column * dilation[1]
      taps.push({ row, column, y, x, real: y >= 0 && x >= 0 && y < input.shape[0] && x < input.shape[1] })
    }
  }
  return taps
}

export function slidingShape(input: Plain, size: Pair, strides: Pair, padding: Padding, dilation: Pair): Pair {
  const height = input.shape[0] + padding.top + padding.bottom - ((size[0] - 1) * dilation[0] + 1)
  const width = input.shape[1] + padding.left + padding.right - ((size[1] - 1) * dilation[1] + 1)
  return [Math.floor(height / strides[0]) + 1, Math.floor(width / strides[1]) + 1]
}

function slide(
  input: Plain,
  size: Pair,
  strides: Pair,
  padding: Padding,
  dilation: Pair,
  channels: number,
  value: (taps: Tap[], channel: number) => number,
): Plain {
  const shape = [...slidingShape(input, size, strides, padding, dilation), channels]
  return fill(shape, (index) => {
    const [row, column, channel] = place(index, shape) as [number, number, number]
    return value(tapsOf(input, [row, column], size, strides, padding, dilation), channel)
  })
}

/** Zero outside the map. */
export function pixel(map: Plain, row: number, column: number, channel: number): number {
  const [height, width, channels] = map.shape as [number, number, number]
  if (row < 0 || column < 0 || row >= height || column >= width) return 0
  return map.data[(row * width + column) * channels + channel]
}

export function weightAt(weight: Weight, ...at: number[]): number {
  return weight.data[indexOf(at, weight.shape)]
}

/** The value of a weight that is spread over `shape` (axes aligned at the end). */
export function spreadAt(weight: Weight | Plain, shape: readonly number[], index: number): number {
  const at = place(index, shape).slice(shape.length - weight.shape.length)
  return weight.data[indexOf(at.map((position, axis) => (weight.shape[axis] === 1 ? 0 : position)), weight.shape)]
}

export function fill(shape: readonly number[], value: (index: number) => number): Plain {
  const size = shape.reduce((product, length) => product * length, 1)
  return { shape, data: Float64Array.from({ length: size }, (_, index) => value(index)) }
}

function each(x: Plain, value: (x: number) => number): Plain {
  return { shape: x.shape, data: x.data.map((entry) => value(entry)) }
}

function perChannel(x: Plain, keepAxes: boolean, value: (values: number[]) => number): Plain {
  const channels = x.shape[2]
  return fill(keepAxes ? [1, 1, channels] : [channels], (channel) =>
    value([...x.data].filter((_, index) => index % channels === channel)),
  )
}

function elementwise(inputs: readonly Plain[], value: (values: number[]) => number): Plain {
  const shape = inputs[0].shape.map((_, axis) => Math.max(...inputs.map((part) => part.shape[axis])))
  return fill(shape, (index) => value(inputs.map((part) => spreadAt(part, shape, index))))
}

/** Position along each axis of a row-major index. */
function place(index: number, shape: readonly number[]): number[] {
  const at: number[] = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(index % shape[axis])
    index = Math.floor(index / shape[axis])
  }
  return at
}

function indexOf(at: readonly number[], shape: readonly number[]): number {
  return at.reduce((index, position, axis) => index * shape[axis] + position, 0)
}
