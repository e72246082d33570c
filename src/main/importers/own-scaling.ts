import type { Graph, GraphNode, NodeOf, Suggestion } from '../../shared/graph.ts'
import { numberText } from '../../shared/preprocessing-presets.ts'

/** What networks take: a range of inputs, by what becomes of samples of 0 and 255. */
const RANGES: readonly (readonly [number, number])[] = [[0, 1], [-1, 1]]
/** Of 1: writers round 1/255 to single precision. */
const TOLERANCE = 1e-4

/** What becomes of a sample: factor * sample + shift. */
interface Affine {
  readonly factor: number
  readonly shift: number
}

/**
 * What is to be said of a network that scales its images itself (Keras' Rescaling, a product with 1/255, ...): its file
 * then asks for the samples as they are. Undefined where samples of 0 to 255 do not become 0 to 1 or -1 to 1 in the
 * operators that follow the input one by one.
 */
export function ownScaling({ nodes }: Graph): Suggestion | undefined {
  const [input] = nodes
  const channels = input.shape.at(-1)!
  if (input.shape.length !== 3 || (channels !== 1 && channels !== 3)) return undefined
  let samples: readonly Affine[] = Array.from({ length: channels }, () => ({ factor: 1, shift: 0 }))
  for (let node = onlyFollower(nodes, 0); node; node = onlyFollower(nodes, node.id)) {
    if (node.op === 'dropout') continue
    if (node.op !== 'batchNorm') return undefined
    const steps = affineSteps(node, channels)
    samples = samples.map(({ factor, shift }, channel) => {
      const step = steps[channel]
      return { factor: factor * step.factor, shift: shift * step.factor + step.shift }
    })
    const range = RANGES.find(([low, high]) => samples.every((each) => takesSamplesTo(each, low, high)))
    if (range) return asTheyAre(channels, node.name, range)
  }
  return undefined
}

function asTheyAre(channels: number, name: string, [low, high]: readonly [number, number]): Suggestion {
  const same = (value: number): number[] => Array.from({ length: channels }, () => value)
  const range = `${numberText(low)} … ${numberText(high)}`
  return {
    preprocessing: { scale: 1, mean: same(0), std: same(1), order: 'rgb', resize: 'fit' },
    classes: null,
    reason: `The network scales its images itself: "${name}" makes ${range} of samples of 0 … 255.`,
  }
}

function takesSamplesTo({ factor, shift }: Affine, low: number, high: number): boolean {
  return Math.abs(shift - low) <= TOLERANCE && Math.abs(255 * factor + shift - high) <= TOLERANCE
}

function affineSteps({ spec }: NodeOf<'batchNorm'>, channels: number): Affine[] {
  const { scale, offset, mean, variance, epsilon } = spec
  return Array.from({ length: channels }, (_, channel) => {
    const factor = (scale?.data[channel] ?? 1) / Math.sqrt(variance.data[channel] + epsilon)
    return { factor, shift: (offset?.data[channel] ?? 0) - factor * mean.data[channel] }
  })
}

function onlyFollower(nodes: readonly GraphNode[], id: number): GraphNode | undefined {
  const followers = nodes.filter(({ inputs }) => inputs.includes(id))
  return followers.length === 1 && followers[0].inputs.length === 1 ? followers[0] : undefined
}
