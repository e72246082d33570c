import type { Graph, Shape } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'
import { GraphBuilder } from '../graph-builder.ts'
import type { OpenOptions } from '../importer.ts'
import { isObject } from './config.ts'
import { Layer } from './layers/layer.ts'
import { layerConverters } from './layers/index.ts'
import { convertOperation } from './layers/operation.ts'
import { reasonToRefuse } from './layers/refused.ts'
import { inNodeOrder, inputHasChannelsFirst, Layouts, type KerasTensor } from './layout.ts'
import { readTopology, type LayerCall } from './topology.ts'
import { WeightTable, type NamedWeight } from './weights.ts'

/** A Keras model as any container holds it. */
export interface KerasModel {
  /** Name of the file for messages. */
  readonly file: string
  /** `{ class_name, config }`, written by Keras 2, Keras 3 or TF.js. */
  readonly model: unknown
  /** In the order of the container. */
  readonly weights: readonly NamedWeight[]
  /** `Graph.source`. */
  readonly source: string
  /** The version of Keras that the container states; it decides what some activations compute. */
  readonly kerasVersion: string | undefined
  /** Said of a model in the form of Keras 3, where that is worth telling. */
  readonly keras3Warning: string | null
  /** What reading the container had to repair. */
  readonly warnings: readonly string[]
}

/** Builds the graph of a Keras model; throws VebiError naming the file, the layer and the reason. */
export function buildKerasGraph(
  { file, model, weights, source, kerasVersion, keras3Warning, warnings }: KerasModel,
  options: OpenOptions = {},
): Graph {
  const topology = readTopology(model, file)
  const builder = new GraphBuilder(file)
  const layouts = new Layouts(builder)
  const version = kerasVersion === undefined ? (topology.keras3 ? 3 : 2) : Number.parseInt(kerasVersion)
  const table = new WeightTable(file, weights)
  for (const warning of warnings) builder.warn(warning)
  if (topology.keras3 && keras3Warning !== null) builder.warn(keras3Warning)
  if (table.byOrder) builder.warn('The weights carry no layer names; they were matched to the layers by their order.')
  if (topology.outputCount > 1) {
    builder.warn(
      `The model has ${topology.outputCount} outputs; the last one, "${topology.calls.at(-1)!.name}", is taken as the class scores.`,
    )
  }
  if (topology.dropped.length > 0) {
    builder.warn(`Layers that do not lead to the output were left out: ${topology.dropped.join(', ')}.`)
  }

  const channelsFirst = inputHasChannelsFirst(topology.calls)
  if (channelsFirst) builder.warn('The model has its channels first; here they are last.')
  const tensors: KerasTensor[] = []
  topology.calls.forEach((call, position) => {
    if (position === 0) {
      const shape = inputShape(file, call, topology.calls, channelsFirst, builder, options)
      tensors.push({ node: builder.add('input', call.name, { shape }, []), channelsFirst: channelsFirst && shape.length === 3 })
      return
    }
    const inputs = layouts.arrange(
      call,
      call.inputs.map((input) => tensors[input]),
    )
    tensors.push(layouts.output(call, inputs, convert(new Layer(call, inputs, version, builder, table), builder)))
  })
  const output = addClassAxis(file, tensors.at(-1)!.node, builder)

  const unused = table.unused()
  if (unused.length > 0) {
    const more = unused.length > 5 ? ` and ${unused.length - 5} more` : ''
    builder.warn(`Weights that belong to no layer were ignored: ${unused.slice(0, 5).join(', ')}${more}.`)
  }
  return { ...builder.finish(output, source), channelsFirst }
}

function convert(layer: Layer, builder: GraphBuilder): number {
  if (layer.isOperation) return convertOperation(layer)
  const converter = layerConverters.get(layer.className)
  if (!converter) throw layer.unsupported(reasonToRefuse(layer))
  const precision = precisionOf(layer.config.find('dtype'))
  if (precision === undefined)
    throw layer.unsupported('which computes with quantised weights (its dtype policy is quantised)')
  if (precision !== 'float32')
    builder.warn(`Layers of the model compute in ${precision}; here they compute in float32.`)
  return converter(layer)
}

/** The name of a dtype or dtype policy; undefined for a quantised policy. */
function precisionOf(dtype: unknown): string | undefined {
  if (typeof dtype === 'string') return dtype
  if (!isObject(dtype)) return 'float32'
  if (String(dtype['class_name']).startsWith('Quantized')) return undefined
  const name = isObject(dtype['config']) ? dtype['config']['name'] : undefined
  return typeof name === 'string' ? name : 'float32'
}

function inputShape(
  file: string,
  input: LayerCall,
  calls: readonly LayerCall[],
  channelsFirst: boolean,
  builder: GraphBuilder,
  options: OpenOptions,
): Shape {
  const subject = `${file}: the input "${input.name}"`
  const stated = input.config['batch_input_shape'] ?? input.config['batch_shape']
  if (!Array.isArray(stated)) throw new VebiError('bad-model', `${subject} states no shape.`)
  const sizes = inNodeOrder<unknown>(stated.slice(1), channelsFirst)
  const { inputSize } = options
  const open = sizes.some((size) => size === null)
  if (inputSize && sizes.length >= 2) {
    for (const [axis, wanted] of [inputSize.height, inputSize.width].entries()) {
      if (sizes[axis] !== null && sizes[axis] !== wanted) {
        throw new VebiError(
          'bad-argument',
          `${subject} is ${shapeText(sizes)}, so it cannot be opened with the size ${inputSize.height}x${inputSize.width}.`,
        )
      }
      sizes[axis] = wanted
    }
  }
  if (sizes.some((size) => size === null)) {
    const advice =
      open && !inputSize && sizes.length === 3 && sizes[2] !== null
        ? '; state the height and width to open it with'
        : ''
    throw new VebiError('unsupported', `${subject} leaves its size open: ${shapeText(sizes)}${advice}.`)
  }
  if (!sizes.every((size) => Number.isInteger(size) && (size as number) > 0) || sizes.length < 1 || sizes.length > 3) {
    throw new VebiError(
      'unsupported',
      `${subject} has shape ${shapeText(sizes)}, where [height, width, channels] is expected.`,
    )
  }
  const shape = sizes as number[]
  if (shape.length !== 2) return shape
  const consumers = calls.filter((call) => call.inputs.includes(0))
  if (!consumers.every(({ className }) => className === 'Reshape' || className === 'Flatten')) {
    throw new VebiError(
      'unsupported',
      `${subject} has shape ${shapeText(sizes)}, where [height, width, channels] is expected.`,
    )
  }
  builder.warn(
    `The input "${input.name}" of shape ${shapeText(sizes)} is taken as a grey image, ${shapeText([...sizes, 1])}.`,
  )
  return [...shape, 1]
}

function shapeText(sizes: readonly unknown[]): string {
  return `[${sizes.map((size) => (size === null ? '?' : JSON.stringify(size))).join(', ')}]`
}

/** The output must hold one value per class; `[1, 1, classes]` is flattened. */
function addClassAxis(file: string, output: number, builder: GraphBuilder): number {
  const shape = builder.shapeOf(output)
  const { name } = builder.nodes[output]
  if (shape.length === 1) return output
  if (shape.length === 3 && shape[0] === 1 && shape[1] === 1) {
    builder.warn(`The output "${name}" of shape ${shapeText(shape)} is flattened to one value per class.`)
    return builder.add('flatten', `${name}/flatten`, {}, [output])
  }
  throw new VebiError(
    'unsupported',
    `${file}: the output "${name}" has shape ${shapeText(shape)}, where one value per class is expected.`,
  )
}
