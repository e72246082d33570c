import * as tf from '@tensorflow/tfjs-core'
import type { BackwardRule, Graph, GraphNode, Shape, StrideCorrection, Weight } from '../../shared/graph.ts'
import { VebiError } from '../../shared/errors.ts'
import { sizeOf } from '../../shared/matrix.ts'
import { keepFreedMemory } from './freed-memory.ts'
import { backwardOf, forwardOf } from './operators/index.ts'

/** Bytes of outputs that one batch may make. */
const BATCH_BYTES = 96 * 2 ** 20

/**
 * Images to run at once: a power of two up to `most`, so that the outputs of all nodes together stay near 96 MiB.
 * Depends on the graph alone, so that a resumed job makes the same batches.
 */
export function batchSizeFor(graph: Graph, most: number): number {
  const bytes = graph.nodes.reduce((sum, node) => sum + 4 * sizeOf(node.shape), 0)
  return Math.min(most, 2 ** Math.max(0, Math.floor(Math.log2(BATCH_BYTES / bytes))))
}

/** Outputs of nodes by id; the holder owns the tensors. */
export type Activations = Map<number, tf.Tensor>

export interface ForwardOptions {
  /** Ids of the nodes whose outputs are returned; everything else is freed as soon as it is no longer needed. */
  readonly keep: Iterable<number>
  /** Outputs that are known already and are neither recomputed nor disposed of (a shared prefix). */
  readonly known?: ReadonlyMap<number, tf.Tensor>
  /**
   * Called with each output as it is computed. May return another tensor to take its place
   * (ablation); the tensor handed in is then disposed of. Tensors it makes on the side are its own to dispose of.
   */
  readonly visit?: (node: GraphNode, output: tf.Tensor) => tf.Tensor | undefined | void
}

/**
 * A graph with its weights on the running engine. All tensors carry a leading batch axis:
 * `[images, height, width, channels]` or `[images, units]`.
 */
export class Network {
  readonly graph: Graph
  private readonly weights = new Map<Weight, tf.Tensor>()
  private readonly consumers: readonly (readonly number[])[]
  private readonly lender: Network | undefined

  /** @param lender a network that lives longer and has some of the same weights: their tensors are shared with it. */
  constructor(graph: Graph, lender?: Network) {
    keepFreedMemory()
    this.graph = graph
    this.lender = lender
    const consumers: number[][] = graph.nodes.map(() => [])
    for (const node of graph.nodes) for (const input of node.inputs) consumers[input].push(node.id)
    this.consumers = consumers
  }

  /** Shape of one image as the network takes it. */
  get inputShape(): Shape {
    return this.graph.nodes[0].shape
  }

  get classCount(): number {
    return this.graph.nodes[this.graph.output].shape.at(-1)!
  }

  /** `data` holds `count` preprocessed images, row-major; the caller disposes of the result. */
  upload(data: Float32Array, count: number): tf.Tensor {
    return tf.tensor(data, [count, ...this.inputShape], 'float32')
  }

  /** Runs the nodes that `keep` asks for. The caller owns the returned tensors. */
  forward(input: tf.Tensor, options: ForwardOptions): Activations {
    const wanted = new Set(options.keep)
    const known = options.known ?? new Map<number, tf.Tensor>()
    const needed = this.ancestors(wanted, (id) => id === 0 || known.has(id))
    const usesLeft = new Map<number, number>()
    for (const id of needed) {
      if (id === 0 || known.has(id)) continue
      for (const source of this.node(id).inputs) usesLeft.set(source, (usesLeft.get(source) ?? 0) + 1)
    }
    const live: Activations = new Map()
    const kept: Activations = new Map()
    const valueOf = (id: number): tf.Tensor => (id === 0 ? input : (known.get(id) ?? live.get(id)!))
    try {
      for (const id of needed) {
        if (id === 0 || known.has(id)) {
          if (wanted.has(id)) kept.set(id, valueOf(id).clone())
          continue
        }
        const node = this.node(id)
        const inputs = node.inputs.map(valueOf)
        let output = this.apply(node, inputs)
        // Among the living before `visit` runs, so that it is freed when that throws.
        live.set(id, output)
        const replacement = options.visit?.(node, output)
        if (replacement && replacement !== output) {
          output.dispose()
          output = replacement
          live.set(id, output)
        }
        if (wanted.has(id)) kept.set(id, output)
        for (const source of node.inputs) {
          const left = usesLeft.get(source)! - 1
          usesLeft.set(source, left)
          if (left === 0 && live.has(source)) {
            if (!kept.has(source)) live.get(source)!.dispose()
            live.delete(source)
          }
        }
        if (!usesLeft.has(id)) {
          if (!kept.has(id)) output.dispose()
          live.delete(id)
        }
      }
      return kept
    } catch (error) {
      for (const tensor of new Set([...live.values(), ...kept.values()])) tensor.dispose()
      throw error
    }
  }

  /** The class scores `[images, classes]`: logits, or probabilities when the graph ends in softmax. */
  scores(input: tf.Tensor): tf.Tensor2D {
    const output = this.graph.output
    const scores = this.forward(input, { keep: [output] }).get(output)!
    if (scores.rank === 2) return scores as tf.Tensor2D
    const flat = tf.reshape<tf.Rank.R2>(scores, [scores.shape[0], -1])
    scores.dispose()
    return flat
  }

  /** Output of one node for preprocessed images `[images, ...inputShape]`, as numbers `[images, ...shape]`. */
  output(data: Float32Array, images: number, node: number): Float32Array {
    const input = this.upload(data, images)
    try {
      const tensor = this.forward(input, { keep: [node] }).get(node)!
      const values = tensor.dataSync<'float32'>()
      tensor.dispose()
      return values
    } finally {
      input.dispose()
    }
  }

  /**
   * Carries `seed` (same shape as the output of node `start`) back to the input (method section 4).
   * `activations` must hold the outputs of all ancestors of `start` and of `start` itself; `input` the images.
   * Returns the signal at the input, `[images, ...inputShape]`; the caller owns it.
   */
  backward(
    input: tf.Tensor,
    activations: ReadonlyMap<number, tf.Tensor>,
    start: number,
    seed: tf.Tensor,
    rule: BackwardRule,
    strideCorrection: StrideCorrection,
  ): tf.Tensor {
    return tf.tidy(() => {
      const signals = new Map<number, tf.Tensor>([[start, seed]])
      const valueOf = (id: number): tf.Tensor => {
        const value = id === 0 ? input : activations.get(id)
        if (!value)
          throw new VebiError('internal', `The output of "${this.node(id).name}" was not kept for the backward pass.`)
        return value
      }
      for (let id = start; id > 0; id--) {
        const upstream = signals.get(id)
        if (!upstream) continue
        const node = this.node(id)
        const downstream = backwardOf(node, {
          inputs: node.inputs.map(valueOf),
          output: valueOf(id),
          upstream,
          rule,
          strideCorrection,
          weight: this.weight,
        })
        signals.delete(id)
        node.inputs.forEach((source, position) => {
          const signal = downstream[position]
          const sum = signals.get(source)
          signals.set(source, sum ? tf.add(sum, signal) : signal)
        })
      }
      return signals.get(0)?.clone() ?? tf.zerosLike(input)
    })
  }

  /** One node on given inputs; the caller owns the result. */
  apply(node: GraphNode, inputs: readonly tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => forwardOf(node, inputs, this.weight))
  }

  /** Ids of `ids` and all nodes they depend on, in topological order; the walk does not go past `stop`. */
  ancestors(ids: Iterable<number>, stop: (id: number) => boolean = () => false): number[] {
    const seen = new Set<number>()
    const pending = [...ids]
    while (pending.length > 0) {
      const id = pending.pop()!
      if (seen.has(id)) continue
      seen.add(id)
      if (!stop(id)) pending.push(...this.node(id).inputs)
    }
    return [...seen].sort((a, b) => a - b)
  }

  /** Ids of the nodes whose outputs change when the outputs of `ids` do (`ids` not included unless reached). */
  descendants(ids: Iterable<number>): Set<number> {
    const seen = new Set<number>()
    const pending = [...ids]
    while (pending.length > 0) {
      for (const consumer of this.consumers[pending.pop()!]) {
        if (seen.has(consumer)) continue
        seen.add(consumer)
        pending.push(consumer)
      }
    }
    return seen
  }

  node(id: number): GraphNode {
    const node = this.graph.nodes[id]
    if (!node) throw new VebiError('internal', `The model has no node ${id}.`)
    return node
  }

  dispose(): void {
    for (const tensor of this.weights.values()) tensor.dispose()
    this.weights.clear()
  }

  /** The tensor of a weight: uploaded on first use, kept until `dispose`, never the caller's to dispose of. */
  readonly weight = (weight: Weight): tf.Tensor => {
    let tensor = this.uploaded(weight)
    if (!tensor) {
      tensor = tf.keep(tf.tensor(weight.data, [...weight.shape], 'float32'))
      this.weights.set(weight, tensor)
    }
    return tensor
  }

  private uploaded(weight: Weight): tf.Tensor | undefined {
    return this.weights.get(weight) ?? this.lender?.uploaded(weight)
  }
}
