import * as tf from '@tensorflow/tfjs-core'
import type { FeatureLayout } from '../../core/features.ts'
import type { BackwardRule, StrideCorrection } from '../../shared/graph.ts'
import { VebiError } from '../../shared/errors.ts'
import { channelNorms } from './channel-responses.ts'
import { floatsOf } from './download.ts'
import { batchSizeFor, type Activations, type Network } from './network.ts'

export interface BackwardMethod {
  readonly rule: BackwardRule
  readonly strideCorrection: StrideCorrection
}

/** How the colours' signal becomes one value per pixel: the one of largest magnitude (ours), or the L2 norm. */
export type ColourReduction = 'max-abs' | 'l2'

/** Rows of one backward pass of a small network: with fewer its kernels idle, with more nothing is gained. */
const MOST_ROWS = 64

/** The forward pass of a batch of images with the outputs that heatmaps need; `dispose` when done. */
export class ImagePass {
  readonly images: number
  /** Rows of one backward pass at most: it holds the outputs of all nodes below its start for each of them. */
  readonly mostRows: number
  private readonly network: Network
  private readonly input: tf.Tensor
  private readonly activations: Activations

  /**
   * @param data preprocessed images, `[images, ...inputShape]`.
   * @param nodes heatmaps can start at these nodes.
   */
  constructor(network: Network, data: Float32Array, images: number, nodes: readonly number[]) {
    this.network = network
    this.images = images
    this.mostRows = batchSizeFor(network.graph, MOST_ROWS)
    const keep = new Set([...network.ancestors(nodes), network.graph.output])
    keep.delete(0)
    this.input = network.upload(data, images)
    try {
      this.activations = network.forward(this.input, { keep })
    } catch (error) {
      this.input.dispose()
      throw error
    }
  }

  /** `[images, classes]`: logits or probabilities, as the network ends. */
  scores(): Float32Array {
    return this.activations.get(this.network.graph.output)!.dataSync<'float32'>()
  }

  /** Channel norms `[images, m]` (method section 1); the nodes of `layout` must be among those of the constructor. */
  norms(layout: FeatureLayout): Float32Array {
    return floatsOf(() => {
      const columns = layout.layers.map((layer) => channelNorms(this.outputOf(layer.node)))
      return tf.concat(columns, 1)
    })
  }

  /**
   * The backward pass of one feature for each of the chosen images (method section 3): starts at `node` with the
   * image's own activation map in the chosen channel and zero elsewhere.
   *
   * @param rows images of the batch; @param channels one for each row.
   * @returns signal at the input, `[rows, ...inputShape]`, signed.
   */
  signal(node: number, rows: readonly number[], channels: readonly number[], method: BackwardMethod): Float32Array {
    return floatsOf(() => this.propagate(node, rows, channels, method))
  }

  /** The same with colour reduced to one value per pixel, `[rows, height, width]`; `max-abs` keeps the sign. */
  heatmaps(
    node: number,
    rows: readonly number[],
    channels: readonly number[],
    method: BackwardMethod,
    reduction: ColourReduction,
  ): Float32Array {
    return floatsOf(() => reduceColour(this.propagate(node, rows, channels, method), reduction))
  }

  /**
   * Baseline: the channel's own map resized bilinearly (half-pixel centres) to the input, `[rows, height, width]`.
   * Throws for fully connected layers, which have no map.
   */
  upsampled(node: number, rows: readonly number[], channels: readonly number[]): Float32Array {
    const output = this.outputOf(node)
    if (output.rank !== 4) {
      throw new VebiError(
        'unsupported',
        `Layer "${this.network.node(node).name}" is fully connected: it has no activation map to resize.`,
      )
    }
    const [height, width] = this.network.inputShape as [number, number]
    const [, rowsOfMap, columnsOfMap, depth] = output.shape as [number, number, number, number]
    return floatsOf(() => {
      const picked = tf.tensor1d(
        Int32Array.from(rows, (row, i) => row * depth + channels[i]),
        'int32',
      )
      const byChannel = tf.reshape(tf.transpose(output, [0, 3, 1, 2]), [
        this.images * depth,
        rowsOfMap,
        columnsOfMap,
        1,
      ])
      const maps = tf.gather(byChannel, picked) as tf.Tensor4D
      return tf.image.resizeBilinear(maps, [height, width], false, true)
    })
  }

  dispose(): void {
    for (const tensor of this.activations.values()) tensor.dispose()
    this.activations.clear()
    this.input.dispose()
  }

  private propagate(
    node: number,
    rows: readonly number[],
    channels: readonly number[],
    method: BackwardMethod,
  ): tf.Tensor {
    const whole = rows.length === this.images && rows.every((row, i) => row === i)
    const chosen = tf.tensor1d(Int32Array.from(rows), 'int32')
    const pick = (tensor: tf.Tensor): tf.Tensor => (whole ? tensor : tf.gather(tensor, chosen))
    const activations: Activations = new Map()
    for (const id of this.network.ancestors([node])) if (id !== 0) activations.set(id, pick(this.outputOf(id)))
    const output = node === 0 ? pick(this.input) : activations.get(node)!
    const depth = output.shape.at(-1)!
    const choice = new Float32Array(rows.length * depth)
    channels.forEach((channel, row) => (choice[row * depth + channel] = 1))
    const spread = tf.tensor(choice, [rows.length, ...output.shape.slice(1, -1).map(() => 1), depth])
    return this.network.backward(
      pick(this.input),
      activations,
      node,
      tf.mul(output, spread),
      method.rule,
      method.strideCorrection,
    )
  }

  private outputOf(node: number): tf.Tensor {
    const output = this.activations.get(node)
    if (!output) throw new VebiError('internal', `The output of "${this.network.node(node).name}" was not kept.`)
    return output
  }
}

/** A pass through each of several networks, as the constructor makes one; where one fails, none is left behind. */
export function passesThrough(
  networks: readonly Network[],
  data: Float32Array,
  images: number,
  nodes: readonly number[],
): ImagePass[] {
  const passes: ImagePass[] = []
  try {
    for (const network of networks) passes.push(new ImagePass(network, data, images, nodes))
    return passes
  } catch (error) {
    for (const pass of passes) pass.dispose()
    throw error
  }
}

/** `[images, height, width, colours]` to `[images, height, width]`; a signal without a colour axis is kept. */
function reduceColour(signal: tf.Tensor, reduction: ColourReduction): tf.Tensor {
  if (signal.rank < 4) return reduction === 'l2' ? tf.abs(signal) : signal
  if (reduction === 'l2') return tf.sqrt(tf.sum(tf.square(signal), -1))
  // Colour by colour: over an axis of three the reductions of TensorFlow take twice as long.
  const [first, ...others] = tf.unstack(signal, -1)
  const high = others.reduce((largest, colour) => tf.maximum(largest, colour), first)
  const low = others.reduce((smallest, colour) => tf.minimum(smallest, colour), first)
  return tf.where(tf.greaterEqual(high, tf.neg(low)), high, low)
}
