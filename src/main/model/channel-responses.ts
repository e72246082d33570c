import * as tf from '@tensorflow/tfjs-core'
import type { FeatureLayer, FeatureLayout } from '../../core/features.ts'
import type { GramPanel } from '../../core/statistics.ts'
import type { TopContenders } from '../../core/top-lists.ts'
import { floatsOf, integersOf } from './download.ts'
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

/** The same, with positions of some entries only. */
export interface ChosenResponses<Chosen extends TopContenders> extends Omit<BatchResponses, 'positions'> {
  readonly chosen: Chosen
  /** One for each entry of `chosen`. */
  readonly positions: Int32Array
}

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
  const positions: tf.Tensor2D[] = []
  return respond(network, data, images, layout, (norms, scores, maps) => {
    try {
      for (const layer of layout.layers) {
        const map = maps.get(layer.node)
        positions.push(map ? allPositions(map) : tf.zeros([images, layer.channels], 'int32'))
      }
      return { norms, scores, positions: integersOf(() => tf.concat(positions, 1)) }
    } finally {
      tf.dispose(positions)
    }
  })
}

/**
 * The same with the positions of chosen entries alone. Finding the largest activation of every map takes longer than
 * all norms, and few entries can still reach a top list: `choose` names them once the norms `[images, m]` are known.
 */
export function chosenResponses<Chosen extends TopContenders>(
  network: Network,
  data: Float32Array,
  images: number,
  layout: FeatureLayout,
  choose: (norms: Float32Array) => Chosen,
): ChosenResponses<Chosen> {
  return respond(network, data, images, layout, (norms, scores, maps) => {
    const chosen = choose(norms)
    const positions = new Int32Array(chosen.rows.length)
    for (const layer of layout.layers) {
      const map = maps.get(layer.node)
      if (map) fillPositions(map, layer, chosen, positions)
    }
    return { norms, scores, chosen, positions }
  })
}

/** Runs the network and hands over norms, scores and the maps of the layers that have places, by node. */
function respond<Result>(
  network: Network,
  data: Float32Array,
  images: number,
  layout: FeatureLayout,
  use: (norms: Float32Array, scores: Float32Array, maps: ReadonlyMap<number, tf.Tensor>) => Result,
): Result {
  const places = new Map(layout.layers.map((layer, place) => [layer.node, place]))
  const hasPlaces = (node: number): boolean => network.node(node).shape.length > 1
  const reduced: tf.Tensor2D[] = []
  const input = network.upload(data, images)
  let outputs: Activations = new Map()
  try {
    outputs = network.forward(input, {
      keep: [network.graph.output, ...[...places.keys()].filter(hasPlaces)],
      visit: (node, output) => {
        const place = places.get(node.id)
        if (place !== undefined) reduced[place] = channelNorms(output)
      },
    })
    const norms = floatsOf(() => tf.concat(reduced, 1))
    if (norms.length !== images * layout.size) {
      throw new RangeError(`Expected ${images} x ${layout.size} responses, got ${norms.length}.`)
    }
    const scores = outputs.get(network.graph.output)!.dataSync<'float32'>()
    return use(norms, scores, new Map([...outputs].filter(([node]) => places.has(node) && hasPlaces(node))))
  } finally {
    tf.dispose([input, reduced.filter(Boolean), ...outputs.values()])
  }
}

/** Norm and place of the maximum of each channel of `[images, ..., channels]`, both `[images, channels]`. */
export function reduceChannels(output: tf.Tensor): { norms: tf.Tensor2D; positions: tf.Tensor2D } {
  const positions =
    output.rank === 2 ? tf.zeros<tf.Rank.R2>([output.shape[0], output.shape[1]!], 'int32') : allPositions(output)
  return { norms: channelNorms(output), positions }
}

function channelNorms(output: tf.Tensor): tf.Tensor2D {
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

/** Writes the positions of the chosen entries that belong to `layer`, whose maps are `output`. */
function fillPositions(
  output: tf.Tensor,
  { offset, channels }: FeatureLayer & { readonly offset: number },
  { rows, features }: TopContenders,
  positions: Int32Array,
): void {
  const entries: number[] = []
  for (let i = 0; i < features.length; i++)
    if (features[i] >= offset && features[i] < offset + channels) entries.push(i)
  if (entries.length === 0) return
  const images = output.shape[0]
  const places = output.size / (images * channels)
  if (entries.length * GATHER_COST > images * channels) {
    const all = integersOf(() => allPositions(output))
    for (const i of entries) positions[i] = all[rows[i] * channels + features[i] - offset]!
    return
  }
  const cells = new Int32Array(entries.length * places)
  entries.forEach((entry, i) => {
    const first = rows[entry] * places * channels + features[entry] - offset
    for (let place = 0; place < places; place++) cells[i * places + place] = first + place * channels
  })
  const found = integersOf(() => {
    const maps = tf.gather(tf.reshape(output, [output.size]), tf.tensor2d(cells, [entries.length, places], 'int32'))
    return tf.argMax(maps, 1)
  })
  entries.forEach((entry, i) => (positions[entry] = found[i]!))
}

/**
 * D' D of one block of descriptors D `[images, m]`, in float32 on the engine. The product is symmetric: panels of
 * rows come from the diagonal on.
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
    }
  } finally {
    block.dispose()
  }
}
