import * as tf from '@tensorflow/tfjs-core'
import { argMaxRows } from '../../core/argmax.ts'
import type { FeatureLayout } from '../../core/features.ts'
import type { GramPanel } from '../../core/statistics.ts'
import type { TopContenders } from '../../core/top-lists.ts'
import { floatsOf, integersOf, release } from './download.ts'
import { euclideanNorm } from './euclidean-norm.ts'
import type { Activations, Network } from './network.ts'

export interface BatchResponses {
  /** ||A_k||_2 of each feature (method section 1), `[images, m]` row-major, columns as in the layout. */
  readonly norms: Float32Array
  /** Flat position (row * width + column) of each feature's largest activation, `[images, m]`; 0 for units. */
  readonly positions: Int32Array
  /** Output of the network, `[images, classes]`: logits or probabilities. */
  readonly scores: Float32Array
}

/** Entries of one layer, each with the flat position of its largest activation; 0 for units. */
export interface ChosenEntries extends TopContenders {
  readonly positions: Int32Array
}

type Layer = FeatureLayout['layers'][number]

/** Gathering one value takes about so many times as long as passing over it; beyond, all positions are computed. */
const GATHER_COST = 16

/** Columns of the Gram matrix in one product. */
const PANEL_COLUMNS = 288

/**
 * One forward pass that yields the channel responses of every layer of `layout`.
 *
 * @param data preprocessed images, `[images, ...inputShape]`.
 */
export function channelResponses(
  network: Network,
  data: Float32Array,
  images: number,
  layout: FeatureLayout,
): BatchResponses {
  const norms = new Float32Array(images * layout.size)
  const positions = new Int32Array(norms.length)
  const { scores, chosen } = chosenResponses(network, data, images, layout, norms, (layer) => allEntries(images, layer))
  for (const { rows, features, positions: found } of chosen) {
    for (let i = 0; i < rows.length; i++) positions[rows[i] * layout.size + features[i]] = found[i]!
  }
  return { norms, positions, scores }
}

/**
 * The same with the positions of chosen entries alone. Finding the largest activation of every map takes longer than
 * all norms, and few entries can still reach a top list. Layer by layer, so that no map outlives its consumers.
 *
 * @param norms where the norms go, `[images, m]`.
 * @param choose names the entries of one layer whose positions are wanted, given its norms `[images, channels]`, which
 * are gone afterwards. Called in the order in which the network computes.
 * @returns the chosen entries by layer, in the order of the layout.
 */
export function chosenResponses(
  network: Network,
  data: Float32Array,
  images: number,
  layout: FeatureLayout,
  norms: Float32Array,
  choose: (layer: Layer, norms: Float32Array) => TopContenders,
): { readonly scores: Float32Array; readonly chosen: ChosenEntries[] } {
  const features = layout.layers.reduce((sum, { channels }) => sum + channels, 0)
  if (features !== layout.size || norms.length !== images * features) {
    throw new RangeError(`Expected ${images} x ${layout.size} responses, got ${images} x ${features}.`)
  }
  const places = new Map(layout.layers.map((layer, place) => [layer.node, place]))
  const chosen: ChosenEntries[] = []
  const input = network.upload(data, images)
  let outputs: Activations = new Map()
  try {
    outputs = network.forward(input, {
      keep: [network.graph.output],
      visit: (node, output) => {
        const place = places.get(node.id)
        if (place === undefined) return
        const layer = layout.layers[place]
        const values = floatsOf(() => channelNorms(output))
        const entries = choose(layer, values)
        chosen[place] = { ...entries, positions: positionsOf(output, layer, entries) }
        placeColumns(values, images, layer, norms, layout.size)
        release(values)
      },
    })
    return { scores: outputs.get(network.graph.output)!.dataSync<'float32'>(), chosen }
  } finally {
    tf.dispose([input, ...outputs.values()])
  }
}

function allEntries(images: number, { offset, channels }: Layer): TopContenders {
  const length = images * channels
  return {
    rows: Int32Array.from({ length }, (_, i) => Math.floor(i / channels)),
    features: Int32Array.from({ length }, (_, i) => offset + (i % channels)),
  }
}

/** Copies `[images, channels]` to the layer's columns of `[images, size]`. */
function placeColumns(
  values: Float32Array,
  images: number,
  { offset, channels }: Layer,
  target: Float32Array,
  size: number,
): void {
  for (let row = 0, i = 0; row < images; row++) {
    const first = row * size + offset
    for (let channel = 0; channel < channels; channel++) target[first + channel] = values[i++]
  }
}

/** Norm of each channel of `[images, ..., channels]`, `[images, channels]`. */
export function channelNorms(output: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => (output.rank === 2 ? tf.abs(output as tf.Tensor2D) : euclideanNorm(placesOf(output))))
}

function allPositions(output: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => tf.cast<tf.Tensor2D>(tf.argMax(placesOf(output), 1), 'int32'))
}

/** `[images, places, channels]`. */
function placesOf(output: tf.Tensor): tf.Tensor3D {
  const images = output.shape[0]
  const channels = output.shape.at(-1)!
  return tf.reshape(output, [images, output.size / (images * channels), channels])
}

/** Positions of chosen entries of `layer`, whose outputs are `output`. */
function positionsOf(
  output: tf.Tensor,
  { offset, channels }: Layer,
  { rows, features }: TopContenders,
): Int32Array {
  const count = rows.length
  if (count === 0 || output.rank === 2) return new Int32Array(count)
  const images = output.shape[0]
  const places = output.size / (images * channels)
  if (count * GATHER_COST > images * channels) {
    const all = integersOf(() => allPositions(output))
    return rows.map((row, i) => all[row * channels + features[i] - offset])
  }
  const cells = new Int32Array(count * places)
  for (let entry = 0, i = 0; entry < count; entry++) {
    let cell = rows[entry] * places * channels + features[entry] - offset
    for (let place = 0; place < places; place++, cell += channels) cells[i++] = cell
  }
  const maps = floatsOf(() => tf.gather(tf.reshape(output, [output.size]), tf.tensor1d(cells, 'int32')))
  const positions = argMaxRows(maps, count)
  release(maps)
  release(cells)
  return positions
}

/**
 * D' D of one block of descriptors D `[images, m]`, in float32 on the engine. The product is symmetric: panels of
 * rows come from the diagonal on. The values of one are gone once the next is asked for.
 */
export function* gramProduct(descriptors: Float32Array, images: number, size: number): Generator<GramPanel> {
  const block = tf.tensor2d(descriptors, [images, size])
  try {
    for (let begin = 0; begin < size; begin += PANEL_COLUMNS) {
      const height = Math.min(PANEL_COLUMNS, size - begin)
      const values = floatsOf(() => {
        const rest = tf.slice2d(block, [0, begin], [images, size - begin])
        return tf.matMul(tf.slice2d(rest, [0, 0], [images, height]), rest, true, false)
      })
      yield { begin, height, values }
      release(values)
    }
  } finally {
    block.dispose()
  }
}
