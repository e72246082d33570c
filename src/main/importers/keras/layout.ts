import type { GraphBuilder } from '../graph-builder.ts'
import { isObject } from './config.ts'
import type { LayerCall } from './topology.ts'

/**
 * What a layer makes of its inputs. Maps are `[height, width, channels]` in the graph. Where a model has its channels
 * first, Keras' axes `[channels, height, width]` are that map's axes in another order (`channelsFirst`); a node whose
 * axes stand as in Keras is not `channelsFirst`.
 */
export interface KerasTensor {
  readonly node: number
  readonly channelsFirst: boolean
}

/** Keras' axes (0-based, without the batch axis) of a map with channels first, as axes of the graph's node. */
const AXES_OF_CHANNELS_FIRST = [2, 0, 1] as const

/** The order of axes that turns a node with channels first into one whose axes stand as in Keras, and back. */
const TO_KERAS_AXES = [2, 0, 1] as const
const TO_CHANNELS_FIRST = [1, 2, 0] as const

/** Layers that take windows, or whole maps, of an image; their `data_format` says where its channels are. */
const SPATIAL: ReadonlySet<string> = new Set([
  'Conv2D',
  'Convolution2D',
  'DepthwiseConv2D',
  'SeparableConv2D',
  'SeparableConvolution2D',
  'MaxPooling2D',
  'MaxPool2D',
  'AveragePooling2D',
  'AvgPool2D',
  'GlobalAveragePooling2D',
  'GlobalAvgPool2D',
  'GlobalMaxPooling2D',
  'GlobalMaxPool2D',
  'ZeroPadding2D',
])

/** Layers that count Keras' axes, so that they see them as Keras does. */
const IN_KERAS_ORDER: ReadonlySet<string> = new Set(['Dense', 'Reshape'])

/** Layers with one axis of channels, which must be the last one here. */
const WITH_CHANNEL_AXIS: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'BatchNormalizationV1',
  'BatchNormalizationV2',
  'Normalization',
  'Softmax',
])

/** Where a layer must find the channels of its input: as its input has them where undefined. */
function wantsChannelsFirst({ className, config }: LayerCall): boolean | undefined {
  const stated = config['data_format'] === 'channels_first'
  // Flatten puts the channels of such a map last before it lays out the values.
  if (SPATIAL.has(className) || className === 'Flatten') return stated
  if (IN_KERAS_ORDER.has(className)) return false
  if (WITH_CHANNEL_AXIS.has(className)) {
    const axis: unknown = Array.isArray(config['axis']) ? config['axis'][0] : config['axis']
    return axis === 1 || axis === -3
  }
  // Over the last axis.
  if (className === 'Activation' && activationName(config['activation']) === 'softmax') return false
  if (className === 'Rescaling' && (Array.isArray(config['scale']) || Array.isArray(config['offset']))) return false
  return undefined
}

/** Whether the layer's output has its axes as Keras has them, however it took its input. */
function givesKerasOrder(className: string): boolean {
  return className === 'Permute' || IN_KERAS_ORDER.has(className)
}

/** Whether the model's image has its channels first: what the first layers that look at windows of it say. */
export function inputHasChannelsFirst(calls: readonly LayerCall[]): boolean {
  const image = new Set([0])
  for (let position = 1; position < calls.length; position++) {
    const call = calls[position]
    if (!call.inputs.some((input) => image.has(input))) continue
    if (SPATIAL.has(call.className)) return call.config['data_format'] === 'channels_first'
    if (!givesKerasOrder(call.className) && call.className !== 'Flatten') image.add(position)
  }
  return false
}

/** Keeps each layer's input in the order of axes that the layer wants, by a Permute node where it differs. */
export class Layouts {
  private readonly builder: GraphBuilder
  private readonly turned = new Map<number, number>()

  constructor(builder: GraphBuilder) {
    this.builder = builder
  }

  /** The layer's inputs as it wants them; all of them alike. */
  arrange(call: LayerCall, inputs: readonly KerasTensor[]): KerasTensor[] {
    const maps = inputs.filter(({ node }) => this.builder.shapeOf(node).length === 3)
    const wanted = wantsChannelsFirst(call) ?? maps[0]?.channelsFirst ?? false
    return inputs.map((input) => this.turn(input, wanted))
  }

  /** What the layer made of the arranged `inputs`. */
  output(call: LayerCall, inputs: readonly KerasTensor[], node: number): KerasTensor {
    const isMap = this.builder.shapeOf(node).length === 3
    const channelsFirst = isMap && !givesKerasOrder(call.className) && inputs.some((input) => input.channelsFirst)
    return { node, channelsFirst }
  }

  private turn(input: KerasTensor, channelsFirst: boolean): KerasTensor {
    const { node } = input
    if (this.builder.shapeOf(node).length !== 3) return { node, channelsFirst: false }
    if (input.channelsFirst === channelsFirst) return input
    let turned = this.turned.get(node)
    if (turned === undefined) {
      const order = channelsFirst ? TO_CHANNELS_FIRST : TO_KERAS_AXES
      const suffix = channelsFirst ? 'channels last' : 'channels first'
      turned = this.builder.add('permute', `${this.builder.nodes[node].name}/${suffix}`, { order }, [node])
      this.turned.set(node, turned)
    }
    return { node: turned, channelsFirst }
  }
}

/** The node's axis that is Keras' axis `axis` (0-based, without the batch axis) of a tensor of `rank` axes. */
export function nodeAxis(axis: number, rank: number, channelsFirst: boolean): number {
  return channelsFirst && rank === 3 ? AXES_OF_CHANNELS_FIRST[axis] : axis
}

/** Sizes in the order of Keras' axes, put in the order of the node's. */
export function inNodeOrder<Member>(kerasOrder: readonly Member[], channelsFirst: boolean): Member[] {
  return channelsFirst && kerasOrder.length === 3 ? TO_CHANNELS_FIRST.map((axis) => kerasOrder[axis]) : [...kerasOrder]
}

/** Sizes in the order of the node's axes, put in the order of Keras'. */
export function inKerasOrder<Member>(nodeOrder: readonly Member[], channelsFirst: boolean): Member[] {
  return channelsFirst && nodeOrder.length === 3 ? TO_KERAS_AXES.map((axis) => nodeOrder[axis]) : [...nodeOrder]
}

function activationName(value: unknown): unknown {
  return isObject(value) ? value['config'] : value
}
