import * as tf from '@tensorflow/tfjs-core'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { shuffledIndexes } from '../../core/random.ts'
import type { GraphNode } from '../../shared/graph.ts'
import { VebiError } from '../../shared/errors.ts'
import { contribution, isSumming, passedZeros } from './channel-removal.ts'
import { integersOf } from './download.ts'
import type { Activations, Network } from './network.ts'

/**
 * What stands in for a removed channel: zero (paper), its mean map over other images, or its map in another image of
 * the same batch.
 */
export type Stand =
  | { readonly kind: 'zero' }
  | {
      readonly kind: 'mean'
      /** `[1, ...shape]` for each node that may lose channels. */ readonly means: ReadonlyMap<number, tf.Tensor>
    }
  | { readonly kind: 'resample'; readonly seed: number }

/** A node's output with features removed. */
interface Value {
  readonly tensor: tf.Tensor
  /** Whether the tensor is the curve's own and not the intact network's. */
  readonly owned: boolean
  /** Channels that count as zero, whatever the tensor holds unless `written`. */
  readonly zeroed: ReadonlySet<number>
  readonly written: boolean
}

/** How an output differs from the one before the latest removal: these channels became zero, or in any way. */
type Change = readonly number[] | 'anything'

/** One curve as far as it has come. */
interface Course {
  readonly values: Map<number, Value>
  /** Channels removed from each node so far. */
  readonly removed: Map<number, Set<number>>
}

/** What is true while one removal is carried through the network. */
interface Removal extends Course {
  readonly changes: Map<number, Change>
  /** The outputs before the removal of nodes that lose channels. */
  readonly before: Map<number, tf.Tensor>
  /** Tensors to dispose of afterwards. */
  readonly replaced: tf.Tensor[]
}

/**
 * Removal of features on one batch of images. The outputs of the intact network are computed once; every variant
 * recomputes only what lies behind the layers whose set of removed channels differs from the variant before. Where
 * channels become zero and all else stays, channel-wise operators pass the zeros on, and a convolution or a dense layer
 * takes off what those channels contributed: the same as the full pass within float rounding.
 */
export class SharedAblation {
  private readonly network: Network
  private readonly layout: FeatureLayout
  private readonly input: tf.Tensor
  private readonly order: readonly number[]
  private readonly base: Activations
  private readonly stands: (node: number) => tf.Tensor | undefined
  /** Whether anything but zero stands in for removed channels. */
  private readonly hasStands: boolean

  /** @param data preprocessed images, `[images, ...inputShape]`. */
  static of(network: Network, data: Float32Array, images: number, layout: FeatureLayout, stand: Stand): SharedAblation {
    const input = network.upload(data, images)
    const order = network.ancestors([network.graph.output]).filter((id) => id !== 0)
    try {
      const base = network.forward(input, { keep: order })
      return new SharedAblation(
        network,
        layout,
        input,
        order,
        base,
        standIns(stand, base, images),
        stand.kind !== 'zero',
      )
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
    hasStands: boolean,
  ) {
    this.network = network
    this.layout = layout
    this.input = input
    this.order = order
    this.base = base
    this.stands = stands
    this.hasStands = hasStands
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
    return new SharedAblation(this.network, this.layout, input, this.order, base, stands, this.hasStands)
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
    const course: Course = { values: new Map(), removed: new Map() }
    const results: Int32Array[] = []
    let done = 0
    try {
      for (const step of steps) {
        results.push(this.remove(sequence.subarray(done, step), course))
        done = step
      }
    } finally {
      for (const { tensor, owned } of course.values.values()) if (owned) tensor.dispose()
    }
    return results
  }

  dispose(): void {
    for (const tensor of this.base.values()) tensor.dispose()
    this.base.clear()
    this.input.dispose()
  }

  /** Removes `features` on top of what is removed already, recomputes what depends on them, and predicts. */
  private remove(features: Int32Array, course: Course): Int32Array {
    const removal: Removal = { ...course, changes: new Map(), before: new Map(), replaced: [] }
    const own = new Map<number, number[]>()
    for (const feature of features) {
      const { layer, channel } = locate(this.layout, feature)
      if (!own.has(layer.node)) own.set(layer.node, [])
      own.get(layer.node)!.push(channel)
      if (!course.removed.has(layer.node)) course.removed.set(layer.node, new Set())
      course.removed.get(layer.node)!.add(channel)
    }
    try {
      for (const id of this.order) {
        const inputsChange = this.network.node(id).inputs.some((source) => removal.changes.has(source))
        if (inputsChange || own.has(id)) this.renew(this.network.node(id), own.get(id) ?? [], inputsChange, removal)
      }
      return predictions(this.written(this.network.graph.output, removal))
    } finally {
      for (const tensor of removal.replaced) tensor.dispose()
    }
  }

  /** Brings the output of one node up to date: `own` channels are removed, or its inputs changed, or both. */
  private renew(node: GraphNode, own: readonly number[], inputsChange: boolean, removal: Removal): void {
    const { values, changes, before } = removal
    const earlier = this.valueOf(node.id, values)
    const passed = inputsChange ? this.passed(node, changes) : []
    if (passed && !this.hasStands) {
      const zeroed = new Set([...earlier.zeroed, ...passed, ...own])
      if (zeroed.size === earlier.zeroed.size) return
      values.set(node.id, { ...earlier, zeroed, written: false })
      before.set(node.id, earlier.tensor)
      changes.set(
        node.id,
        [...zeroed].filter((channel) => !earlier.zeroed.has(channel)),
      )
      return
    }
    let output = inputsChange
      ? (this.summedUp(node, earlier, removal) ??
        this.network.apply(
          node,
          node.inputs.map((source) => this.written(source, removal)),
        ))
      : earlier.tensor.clone()
    const gone = removal.removed.get(node.id)
    if (gone && this.hasStands) output = this.withStand(node, output, gone)
    if (earlier.owned) removal.replaced.push(earlier.tensor)
    const zeroed = gone && !this.hasStands ? new Set(gone) : new Set<number>()
    values.set(node.id, { tensor: output, owned: true, zeroed, written: zeroed.size === 0 })
    changes.set(node.id, 'anything')
  }

  /** Channels of the output that become zero and are all that changes; undefined where more does. */
  private passed(node: GraphNode, changes: ReadonlyMap<number, Change>): readonly number[] | undefined {
    const change = changes.get(node.inputs[0])!
    if (node.inputs.length > 1 || change === 'anything') return undefined
    return passedZeros(node, this.network.node(node.inputs[0]).shape, change)
  }

  /** The output of a convolution or dense layer from what left its input, or from what is left, whichever is less. */
  private summedUp(node: GraphNode, earlier: Value, { values, changes, before }: Removal): tf.Tensor | undefined {
    const change = changes.get(node.inputs[0])!
    if (!isSumming(node) || change === 'anything') return undefined
    const { zeroed } = this.valueOf(node.inputs[0], values)
    const input = before.get(node.inputs[0])!
    const left = this.network.node(node.inputs[0]).shape.at(-1)! - zeroed.size
    if (left === 0) return undefined
    const { weight } = this.network
    if (change.length < left)
      return tf.tidy(() => tf.sub(earlier.tensor, contribution(node, input, change, weight, false)))
    const rest = Array.from({ length: left + zeroed.size }, (_, channel) => channel).filter(
      (channel) => !zeroed.has(channel),
    )
    return tf.tidy(() => contribution(node, input, rest, weight, true))
  }

  /** Replaces the channels of `gone`; disposes of `output`. */
  private withStand(node: GraphNode, output: tf.Tensor, gone: ReadonlySet<number>): tf.Tensor {
    try {
      return tf.tidy(() => {
        const keep = keepMask(node, gone)
        return tf.add(tf.mul(output, keep), tf.mul(this.stands(node.id)!, tf.sub(1, keep)))
      })
    } finally {
      output.dispose()
    }
  }

  /** The output of a node with its zeros in place. */
  private written(id: number, { values, replaced }: Removal): tf.Tensor {
    const value = this.valueOf(id, values)
    if (value.written) return value.tensor
    const tensor = tf.tidy(() => tf.mul(value.tensor, keepMask(this.network.node(id), value.zeroed)))
    if (value.owned) replaced.push(value.tensor)
    values.set(id, { tensor, owned: true, zeroed: value.zeroed, written: true })
    return tensor
  }

  private valueOf(id: number, values: ReadonlyMap<number, Value>): Value {
    const value = values.get(id)
    if (value) return value
    return { tensor: id === 0 ? this.input : this.base.get(id)!, owned: false, zeroed: new Set(), written: true }
  }
}

/** One for each channel that stays, zero for those that are gone. */
function keepMask(node: GraphNode, gone: ReadonlySet<number>): tf.Tensor1D {
  const mask = new Float32Array(node.shape.at(-1)!).fill(1)
  for (const channel of gone) mask[channel] = 0
  return tf.tensor1d(mask)
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
  return integersOf(() => tf.argMax(tf.reshape(scores, [scores.shape[0], -1]), 1))
}
