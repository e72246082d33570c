import { classLayers } from '../../../core/layers.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { Graph, Pair } from '../../../shared/graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import type { OpenOptions } from '../importer.ts'
import { converters } from './converters.ts'
import { deployed, type Deployed } from './losses.ts'
import { readMeta, suggestionOf, type Meta } from './meta.ts'
import type { StatedNetwork } from './network.ts'
import { WeightStore } from './weights.ts'
import { filterShape, sizesFrom, smallestSize } from './windows.ts'

/** Turns a network of MatConvNet into a graph: losses dropped, one value for each class at the end. */
export function buildMatConvNetGraph(file: string, stated: StatedNetwork, options: OpenOptions): Graph {
  const network = deployed(file, stated.layers)
  const meta = readMeta(stated.meta)
  const builder = new GraphBuilder(file)
  const channels = channelsOf(file, network, meta)
  const { size, warning } = imageSize(network, meta, options)
  if (warning !== null) builder.warn(warning)

  const weights = new WeightStore()
  const nodes = new Map([[network.input, builder.add('input', 'input', { shape: [...size, channels] }, [])]])
  for (const layer of network.layers) {
    const converter = converters.get(layer.kind)
    if (!converter) throw layer.unsupported(REASONS[layer.kind] ?? 'which is not supported')
    let inputs = layer.inputs.map((name) => nodes.get(name)!)
    if (inputs.length === 0) throw layer.bad('reads no variable')
    // One value for each class, which the softmax then ends with.
    const endsInSoftmax = layer.kind === 'softmax' && layer.output === network.output
    if (endsInSoftmax) inputs = [classVector(builder, network, layer.name, inputs[0], size)]
    nodes.set(layer.output, converter({ builder, weights }, layer, inputs))
  }
  let output = nodes.get(network.output)!
  output = classVector(builder, network, builder.nodes[output].name, output, size)
  if (network.loss) output = builder.add('softmax', freeName(builder, 'softmax'), {}, [output])

  const { suggestion, warnings } = suggestionOf(meta, channels, builder.shapeOf(output)[0])
  for (const sentence of warnings) builder.warn(sentence)
  const graph = builder.finish(output, `MatConvNet ${stated.wrapper}`)
  return { ...graph, warnings: [...graph.warnings, ...fullyConnected(graph)], suggestion }
}

/** Why some well-known layers are not read, beyond not being supported. */
const REASONS: Readonly<Record<string, string>> = {
  convt: 'a transposed convolution, which is not supported',
  'dagnn.ConvTranspose': 'a transposed convolution, which is not supported',
  custom: 'whose functions are not in the file',
}

function channelsOf(file: string, { layers, input }: Deployed, { imageSize }: Meta): number {
  if (imageSize?.[2] !== undefined) return imageSize[2]
  const first = layers.find((layer) => layer.kind === 'conv' && layer.inputs.includes(input))
  if (first) return filterShape(first.neededParameter(0, 'filters'))[2]
  throw new VebiError('unsupported', `${file} does not state the size of its images (meta.normalization.imageSize).`)
}

/**
 * Height and width of the images: as asked for, as stated, or else the smallest that leave one position at the end.
 * (The network of MatConvNet's MNIST example states none, or one that does not fit.)
 */
function imageSize(
  { layers, input, output }: Deployed,
  { imageSize: stated }: Meta,
  { inputSize }: OpenOptions,
): { size: Pair; warning: string | null } {
  if (inputSize) return { size: [inputSize.height, inputSize.width], warning: null }
  const fits = (size: Pair): boolean => {
    const last = sizesFrom(layers, input, size)?.get(output)
    return last !== undefined && last[0] === 1 && last[1] === 1
  }
  const statedSize: Pair | null = stated && [stated[0], stated[1]]
  if (statedSize && fits(statedSize)) return { size: statedSize, warning: null }
  const smallest = smallestSize(layers, input, output)
  // What fits nowhere is left to the shapes of the layers, which name the one at fault.
  if (!fits(smallest)) return { size: statedSize ?? [1, 1], warning: null }
  const fault = statedSize
    ? `states images of ${statedSize.join('x')}, which do not leave one position at the end`
    : 'does not state the size of its images'
  return {
    size: smallest,
    warning: `The file ${fault}: ${smallest.join('x')}, the smallest size that leaves one, is taken.`,
  }
}

/** `[1, 1, classes]` as `[classes]`. */
function classVector(
  builder: GraphBuilder,
  { layers, input, output }: Deployed,
  name: string,
  node: number,
  size: Pair,
): number {
  const shape = builder.shapeOf(node)
  if (shape.length === 1) return node
  const [height, width] = shape
  if (height !== 1 || width !== 1) {
    const advice = smallestSize(layers, input, output).join('x')
    throw new VebiError(
      'unsupported',
      `${builder.file}: images of ${size.join('x')} leave ${height}x${width} positions for each class at the end, ` +
        `where one is expected, as images of ${advice} do.`,
    )
  }
  return builder.add('flatten', freeName(builder, `${name}/classes`), {}, [node])
}

function freeName(builder: GraphBuilder, wanted: string): string {
  let name = wanted
  for (let number = 2; builder.nodes.some((node) => node.name === name); number++) name = `${wanted}_${number}`
  return name
}

/** How the layers that see their whole input count, which has no other name in MatConvNet. */
function fullyConnected(graph: Graph): string[] {
  const tied = new Set(classLayers(graph).map(({ node }) => node))
  const layers = graph.nodes.filter(
    ({ id, op, shape }) => op === 'conv2d' && shape[0] === 1 && shape[1] === 1 && !tied.has(id),
  )
  if (layers.length === 0) return []
  const names = layers.map(({ name }) => `"${name}"`).join(', ')
  return [`MatConvNet writes fully connected layers as convolutions, and they count as such in OnlyConv: ${names}.`]
}
