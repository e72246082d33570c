import * as tf from '@tensorflow/tfjs-core'
import type { Network } from './network.ts'

/** Mean outputs of some nodes over images that stream by; the stand-in for removed channels. */
export class ChannelMeans {
  private readonly network: Network
  private readonly nodes: readonly number[]
  private readonly sums = new Map<number, tf.Tensor>()
  private images = 0

  constructor(network: Network, nodes: readonly number[]) {
    this.network = network
    this.nodes = nodes
  }

  /** @param data preprocessed images, `[images, ...inputShape]`. */
  add(data: Float32Array, images: number): void {
    const input = this.network.upload(data, images)
    try {
      const outputs = this.network.forward(input, { keep: this.nodes })
      for (const [id, output] of outputs) {
        const before = this.sums.get(id)
        this.sums.set(id, tf.tidy(() => {
          const sum = tf.sum(output, 0, true)
          return before ? tf.add(before, sum) : sum
        }))
        before?.dispose()
        output.dispose()
      }
    } finally {
      input.dispose()
    }
    this.images += images
  }

  /** `[1, ...shape]` for each node; the caller owns the tensors, and this object is empty afterwards. */
  finish(): Map<number, tf.Tensor> {
    const means = new Map<number, tf.Tensor>()
    for (const [id, sum] of this.sums) {
      means.set(id, tf.div(sum, this.images))
      sum.dispose()
    }
    this.sums.clear()
    return means
  }
}

export function releaseMeans(means: ReadonlyMap<number, tf.Tensor>): void {
  for (const mean of means.values()) mean.dispose()
}
