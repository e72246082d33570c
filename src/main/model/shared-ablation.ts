import * as tf from '@tensorflow/tfjs-core'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { shuffledIndexes } from '../../core/random.ts'
import { VebiError } from '../../shared/errors.ts'
import { integersOf } from './download.ts'
import type { Activations, Network } from './network.ts'

/**
 * What stands in for a removed channel: zero (paper), its mean map over other images, or its map in another image of
 * the same batch.
 */
export type Stand =
  | { readonly kind: 'zero' }
  | { readonly kind: 'mean'; /** `[1, ...shape]` for each node that may lose channels. */ readonly means: ReadonlyMap<number, tf.Tensor> }
  | { readonly kind: 'resample'; readonly seed: number }

/**
 * Removal of features on one batch of images. The outputs of the intact network are computed once; every variant
 * recomputes only what lies behind the layers whose set of removed channels differs from the variant before.
 */
export class SharedAblation {
  private readonly network: Network
  private readonly layout: FeatureLayout
  private readonly input: tf.Tensor
  private readonly order: readonly number[]
  private readonly base: Activations
  private readonly stands: (node: number) => tf.Tensor | undefined

  /** @param data preprocessed images, `[images, ...inputShape]`. */
  static of(network: Network, data: Float32Array, images: number, layout: FeatureLayout, stand: Stand): SharedAblation {
    const input = network.upload(data, images)
    const order = network.ancestors([network.graph.output]).filter((id) => id !== 0)
    try {
      const base = network.forward(input, { keep: order })
      return new SharedAblation(network, layout, input, order, base, standIns(stand, base, images))
    } catch (error) {
      input.dispose()
      throw error
    }
  }

  private constructor(
    network: Network,
    layout: FeatureLayout,
    input: tf.Tensor,
    order: readonly number[],
    base: Activations,
    stands: (node: number) => tf.Tensor | undefined,
  ) {
    this.network = network
    this.layout = layout
    this.input = input
    this.order = order
    this.base = base
    this.stands = stands
  }

  /** The same for some images of the batch only; dispose of it before the batch itself. */
  rows(rows: readonly number[]): SharedAblation {
    const chosen = tf.tensor1d(Int32Array.from(rows), 'int32')
    const base: Activations = new Map()
    for (const [id, tensor] of this.base) base.set(id, tf.gather(tensor, chosen))
    const input = tf.gather(this.input, chosen)
    const stands = (node: number): tf.Tensor | undefined => {
      const stand = this.stands(node)
      return stand && stand.shape[0] !== 1 ? tf.gather(stand, tf.tensor1d(Int32Array.from(rows), 'int32')) : stand
    }
    chosen.dispose()
    return new SharedAblation(this.network, this.layout, input, this.order, base, stands)
  }

  /** Predicted class of each image by the intact network. */
  original(): Int32Array {
    return predictions(this.base.get(this.network.graph.output)!)
  }

  /**
   * Removes the first s features of `sequence` for each s of `steps` (ascending) and returns the predictions,
   * one array of class indexes for each step.
   */
  curve(sequence: Int32Array, steps: readonly number[]): Int32Array[] {
    const changed: Activations = new Map()
    const kept = new Map<number, Float32Array>()
    const results: Int32Array[] = []
    let done = 0
    try {
      for (const step of steps) {
        this.remove(sequence.subarray(done, step), kept, changed)
        done = step
        results.push(predictions(this.valueOf(this.network.graph.output, changed)))
      }
    } finally {
      for (const tensor of changed.values()) tensor.dispose()
    }
    return results
  }

  dispose(): void {
    for (const tensor of this.base.values()) tensor.dispose()
    this.base.clear()
    this.input.dispose()
  }

  /** Removes `features` on top of what is removed already and recomputes what depends on them. */
  private remove(features: Int32Array, kept: Map<number, Float32Array>, changed: Activations): void {
    const masked = new Set<number>()
    for (const feature of features) {
      const { layer, channel } = locate(this.layout, feature)
      let mask = kept.get(layer.node)
      if (!mask) {
        mask = new Float32Array(layer.channels).fill(1)
        kept.set(layer.node, mask)
      }
      mask[channel] = 0
      masked.add(layer.node)
    }
    const dirty = new Set<number>()
    for (const id of this.order) {
      const node = this.network.node(id)
      const inputsChanged = node.inputs.some((source) => dirty.has(source))
      if (!inputsChanged && !masked.has(id)) continue
      dirty.add(id)
      let output = inputsChanged
        ? this.network.apply(node, node.inputs.map((source) => this.valueOf(source, changed)))
        : this.valueOf(id, changed).clone()
      const mask = kept.get(id)
      if (mask) {
        const whole = output
        try {
          output = tf.tidy(() => {
            const keep = tf.tensor1d(mask)
            const stand = this.stands(id)
            return stand ? tf.add(tf.mul(whole, keep), tf.mul(stand, tf.sub(1, keep))) : tf.mul(whole, keep)
          })
        } finally {
          whole.dispose()
        }
      }
      changed.get(id)?.dispose()
      changed.set(id, output)
    }
  }

  private valueOf(id: number, changed: Activations): tf.Tensor {
    return id === 0 ? this.input : (changed.get(id) ?? this.base.get(id)!)
  }
}

/** Called inside `tf.tidy`, which disposes of what is made here. */
function standIns(stand: Stand, base: Activations, images: number): (node: number) => tf.Tensor | undefined {
  switch (stand.kind) {
    case 'zero':
      return () => undefined
    case 'mean':
      return (node) => {
        const mean = stand.means.get(node)
        if (!mean) throw new VebiError('internal', `There is no mean for node ${node}, which loses channels.`)
        return mean
      }
    case 'resample': {
      const partners = partnersOf(images, stand.seed)
      return (node) => tf.gather(base.get(node)!, tf.tensor1d(partners, 'int32'))
    }
  }
}

/** Another image for each: along one random cycle, so that none but an only image is its own partner. */
function partnersOf(images: number, seed: number): Int32Array {
  const cycle = shuffledIndexes(images, seed)
  const partners = new Int32Array(images)
  cycle.forEach((image, place) => (partners[image] = cycle[(place + 1) % images]))
  return partners
}

function predictions(scores: tf.Tensor): Int32Array {
  return integersOf(() => tf.argMax(tf.reshape(scores, [scores.shape[0]!, -1]), 1))
}
