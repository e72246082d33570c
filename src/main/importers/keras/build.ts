import type { Graph, Shape } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'
import { GraphBuilder } from '../graph-builder.ts'
import type { OpenOptions } from '../importer.ts'
import { isObject } from './config.ts'
import { Layer } from './layers/layer.ts'
import { layerConverters } from './layers/index.ts'
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
  /** What reading the container had to repair. */
  readonly warnings: readonly string[]
}

/** Builds the graph of a Keras model; throws VebiError naming the file, the layer and the reason. */
export function buildKerasGraph(
  { file, model, weights, source, warnings }: KerasModel,
  options: OpenOptions = {},
): Graph {
  const topology = readTopology(model, file)
  const builder = new GraphBuilder(file)
  const table = new WeightTable(file, weights)
  for (const warning of warnings) builder.warn(warning)
  if (topology.keras3)
    builder.warn('The model is written in the form of Keras 3, which TF.js itself does not load; it was translated.')
  if (table.byOrder) builder.warn('The weights carry no layer names; they were matched to the layers by their order.')
  if (topology.outputCount > 1) {
    builder.warn(
      `The model has ${topology.outputCount} outputs; the last one, "${topology.calls.at(-1)!.name}", is taken as the class scores.`,
    )
  }
  if (topology.dropped.length > 0) {
    builder.warn(`Layers that do not lead to the output were left out: ${topology.dropped.join(', ')}.`)
  }

  const nodeOfCall: number[] = []
  topology.calls.forEach((call, position) => {
    if (position === 0) {
      nodeOfCall.push(
        builder.add('input', call.name, { shape: inputShape(file, call, topology.calls, builder, options) }, []),
      )
      return
    }
    nodeOfCall.push(
      convert(
        call,
        call.inputs.map((input) => nodeOfCall[input]),
        builder,
        table,
      ),
    )
  })
  const output = addClassAxis(file, nodeOfCall.at(-1)!, builder)

  const unused = table.unused()
  if (unused.length > 0) {
    const more = unused.length > 5 ? ` and ${unused.length - 5} more` : ''
    builder.warn(`Weights that belong to no layer were ignored: ${unused.slice(0, 5).join(', ')}${more}.`)
  }
  return builder.finish(output, source)
}

function convert(call: LayerCall, inputs: readonly number[], builder: GraphBuilder, table: WeightTable): number {
  const layer = new Layer(call, inputs, builder, table)
  const converter = layerConverters.get(call.className)
  if (!converter) throw layer.unsupported('which is not supported')
  if (layer.config.find('data_format') === 'channels_first') {
    throw layer.unsupported(
      'which has its channels first (data_format "channels_first"); only channels last is supported',
    )
  }
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
  builder: GraphBuilder,
  options: OpenOptions,
): Shape {
  const subject = `${file}: the input "${input.name}"`
  const stated = input.config['batch_input_shape'] ?? input.config['batch_shape']
  if (!Array.isArray(stated)) throw new VebiError('bad-model', `${subject} states no shape.`)
  const sizes: unknown[] = stated.slice(1)
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
