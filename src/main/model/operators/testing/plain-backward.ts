import type {
  BackwardRule,
  OperatorName,
  OperatorSpecs,
  Padding,
  Pair,
  StrideCorrection,
} from '../../../../shared/graph.ts'
import type { Plain, Tap } from './plain-forward.ts'
import { fill, pixel, plainForward, slidingShape, spreadAt, tapsOf, weightAt } from './plain-forward.ts'

/** The downstream signals of one operator for one image, as the method reads, one value at a time. */
export function plainBackward<Op extends OperatorName>(
  op: Op,
  spec: OperatorSpecs[Op],
  inputs: readonly Plain[],
  upstream: Plain,
  rule: BackwardRule,
  correction: StrideCorrection,
): Plain[] {
  const special = rectifierSlopes[op] as ((spec: OperatorSpecs[Op], x: Plain, index: number) => number) | undefined
  if (special) {
    const signal = upstream.data.map((g, index) => {
      const slope = special(spec, inputs[0], index)
      if (rule === 'gradient') return g * slope
      if (rule === 'deconvnet') return g > 0 ? g : 0
      return g > 0 ? g * slope : 0
    })
    return [{ shape: upstream.shape, data: signal }]
  }
  const windowed = windowedBackward[op]
  if (windowed) return [windowed(spec, inputs[0], upstream, correction)]
  return numericGradient(op, spec, inputs, upstream)
}

/**
 * Vector-Jacobian product by central differences of the plain forward definition; exact for linear operators.
 * Only every `stepBetween`-th entry is worked out; the others are NaN.
 */
export function numericGradient<Op extends OperatorName>(
  op: Op,
  spec: OperatorSpecs[Op],
  inputs: readonly Plain[],
  upstream: Plain,
  stepBetween = 1,
): Plain[] {
  const step = 1e-4
  return inputs.map((input, position) =>
    fill(input.shape, (index) => {
      if (index % stepBetween !== 0) return NaN
      const [above, below] = [step, -step].map((shift) => {
        const data = input.data.slice()
        data[index] += shift
        return plainForward[op](spec, inputs.with(position, { shape: input.shape, data }))
      })
      return upstream.data.reduce((sum, g, at) => sum + (g * (above.data[at] - below.data[at])) / (2 * step), 0)
    }),
  )
}

const rectifierSlopes: {
  readonly [Op in OperatorName]?: (spec: OperatorSpecs[Op], x: Plain, index: number) => number
} = {
  relu({ maxValue, negativeSlope, threshold }, x, index) {
    const value = x.data[index]
    if (maxValue !== null && value >= maxValue) return 0
    return value > threshold ? 1 : negativeSlope
  },
  prelu: ({ alpha }, x, index) => (x.data[index] > 0 ? 1 : spreadAt(alpha, x.shape, index)),
  elu: ({ alpha }, x, index) => (x.data[index] > 0 ? 1 : alpha * Math.exp(x.data[index])),
  hardSwish(_spec, x, index) {
    const value = x.data[index]
    if (value <= -3) return 0
    return value >= 3 ? 1 : value / 3 + 1 / 2
  },
  silu: (_spec, x, index) => numericSlope((value) => value / (1 + Math.exp(-value)), x.data[index]),
  gelu(spec, x, index) {
    const curve = (value: number) => plainForward.gelu(spec, [{ shape: [1], data: Float64Array.of(value) }]).data[0]
    return numericSlope(curve, x.data[index])
  },
}

function numericSlope(curve: (value: number) => number, at: number): number {
  const step = 1e-4
  return (curve(at + step) - curve(at - step)) / (2 * step)
}

type WindowedBackward<Op extends OperatorName> = (
  spec: OperatorSpecs[Op],
  input: Plain,
  upstream: Plain,
  correction: StrideCorrection,
) => Plain

/** Whether the plain result depends on the rule, and on the stride correction. */
export function plainOptions(op: OperatorName): { readonly rule: boolean; readonly correction: boolean } {
  return { rule: op in rectifierSlopes, correction: op in windowedBackward }
}

/** Every unit hands its signal to the pixels below its taps. */
const windowedBackward: { readonly [Op in OperatorName]?: WindowedBackward<Op> } = {
  conv2d(spec, input, upstream, correction) {
    const { kernel, groups, dilation, padding } = spec
    const [kernelHeight, kernelWidth, groupIn, outChannels] = kernel.shape as [number, number, number, number]
    const groupOut = outChannels / groups
    const corrected = correction !== 'none'
    const size: Pair = [kernelHeight, kernelWidth]
    return scatter(input, upstream, size, spec.strides, padding, dilation, corrected, (taps, out, g, give) => {
      for (const tap of taps) {
        for (let inner = 0; inner < groupIn; inner++) {
          const channel = Math.floor(out / groupOut) * groupIn + inner
          give(tap, channel, g * weightAt(kernel, tap.row, tap.column, inner, out))
        }
      }
    })
  },
  depthwiseConv2d(spec, input, upstream, correction) {
    const { kernel, dilation, padding, strides } = spec
    const [kernelHeight, kernelWidth, , multiplier] = kernel.shape as [number, number, number, number]
    const size: Pair = [kernelHeight, kernelWidth]
    return scatter(input, upstream, size, strides, padding, dilation, correction !== 'none', (taps, out, g, give) => {
      const channel = Math.floor(out / multiplier)
      for (const tap of taps) give(tap, channel, g * weightAt(kernel, tap.row, tap.column, channel, out % multiplier))
    })
  },
  maxPool({ size, strides, padding }, input, upstream, correction) {
    const corrected = correction === 'conv+pool'
    return scatter(input, upstream, size, strides, padding, [1, 1], corrected, (taps, channel, g, give) => {
      let winner: Tap | undefined
      for (const tap of taps) {
        if (!tap.real) continue
        if (!winner || pixel(input, tap.y, tap.x, channel) > pixel(input, winner.y, winner.x, channel)) winner = tap
      }
      give(winner!, channel, g)
    })
  },
  averagePool({ size, strides, padding, countPadding }, input, upstream, correction) {
    const corrected = correction === 'conv+pool'
    return scatter(input, upstream, size, strides, padding, [1, 1], corrected, (taps, channel, g, give) => {
      const counted = taps.filter((tap) => countPadding || tap.real)
      for (const tap of counted) give(tap, channel, g / counted.length)
    })
  },
  globalMaxPool(_spec, input, upstream) {
    const channels = input.shape[2]
    const signal = new Float64Array(input.data.length)
    for (let channel = 0; channel < channels; channel++) {
      const values = input.data.filter((_, index) => index % channels === channel)
      signal[values.indexOf(Math.max(...values)) * channels + channel] = upstream.data[channel]!
    }
    return { shape: input.shape, data: signal }
  },
}

function scatter(
  input: Plain,
  upstream: Plain,
  size: Pair,
  strides: Pair,
  padding: Padding,
  dilation: Pair,
  corrected: boolean,
  hand: (taps: Tap[], channel: number, g: number, give: (tap: Tap, channel: number, g: number) => void) => void,
): Plain {
  const [height, width] = slidingShape(input, size, corrected ? [1, 1] : strides, padding, dilation)
  const steps: Pair = corrected ? [1, 1] : strides
  const [, inWidth, inChannels] = input.shape as [number, number, number]
  const signal = new Float64Array(input.data.length)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const taps = tapsOf(input, [row, column], size, steps, padding, dilation)
      // With stride 1 both lengths agree and the nearest neighbour is the unit itself.
      const fromRow = Math.floor((row * upstream.shape[0]) / height)
      const fromColumn = Math.floor((column * upstream.shape[1]) / width)
      for (let channel = 0; channel < upstream.shape[2]; channel++) {
        hand(taps, channel, pixel(upstream, fromRow, fromColumn, channel), (tap, inChannel, g) => {
          if (tap.real) signal[(tap.y * inWidth + tap.x) * inChannels + inChannel] += g
        })
      }
    }
  }
  return { shape: input.shape, data: signal }
}
