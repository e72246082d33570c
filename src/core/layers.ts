import { VebiError } from '../shared/errors.ts'
import type { Graph, GraphNode, OperatorName, Shape } from '../shared/graph.ts'
import type { GuidedRule } from '../shared/model-report.ts'

/** A spatial map `[height, width, channels]` or a vector `[units]`: told by the output's shape, not by the operator. */
export type LayerKind = 'convolutional' | 'fully-connected'

export interface Layer {
  /** 1-based, counting the layers in graph order. */
  readonly number: number
  /** Node id. */
  readonly node: number
  readonly name: string
  readonly op: OperatorName
  readonly shape: Shape
  /** Size of the last axis: channels of a map, units of a vector. */
  readonly channels: number
  readonly kind: LayerKind
}

export interface LayerSet {
  readonly name: string
  /** Node ids, ascending, without repeats. */
  readonly nodes: readonly number[]
}

export interface RectifierReport {
  readonly node: number
  readonly name: string
  readonly guided: GuidedRule
  /** How the signal crosses it under the backward rules, one sentence. */
  readonly sentence: string
}

/** Operators whose output is always their input in another arrangement. */
const REARRANGEMENTS: ReadonlySet<OperatorName> = new Set([
  'input',
  'flatten',
  'reshape',
  'permute',
  'dropout',
  'zeroPadding',
])

const CONVOLUTIONS: ReadonlySet<OperatorName> = new Set(['conv2d', 'depthwiseConv2d'])
const PARAMETRIC: ReadonlySet<OperatorName> = new Set([...CONVOLUTIONS, 'dense'])
const ACTIVATIONS: ReadonlySet<OperatorName> = new Set([
  'relu',
  'prelu',
  'elu',
  'hardSwish',
  'silu',
  'gelu',
  'sigmoid',
  'hardSigmoid',
  'tanh',
])
/** Operators between the last parametric layer and the output that compute and keep one channel for each class. */
const PER_CLASS: ReadonlySet<OperatorName> = new Set([
  ...ACTIVATIONS,
  'softmax',
  'batchNorm',
  'globalAveragePool',
  'globalMaxPool',
  'averagePool',
  'maxPool',
])

/** Whether a node hands the values of its input on in another arrangement, and so is no layer. */
export function isRearrangement({ op, spec }: GraphNode): boolean {
  return REARRANGEMENTS.has(op) || 'picksChannels' in spec
}

/**
 * The layers 1..L of a graph: every operator output but the input, pure reshapes, dropout, padding and channels in
 * another order (method section 1).
 */
export function layersOf(graph: Graph): Layer[] {
  return graph.nodes
    .filter((node) => !isRearrangement(node))
    .map((node, position) => ({
      number: position + 1,
      node: node.id,
      name: node.name,
      op: node.op,
      shape: node.shape,
      channels: node.shape.at(-1)!,
      kind: node.shape.length === 1 ? 'fully-connected' : 'convolutional',
    }))
}

/**
 * The last layers, tied directly to the classes, which are not searched for features (method section 1). Walks back
 * from the output through operators that keep one channel per class, up to and including the last convolution or
 * dense layer; where branches meet before one is found, the walk ends with the operator that joins them.
 */
export function classLayers(graph: Graph): Layer[] {
  const tied = new Set<number>()
  for (let node = nodeOf(graph, graph.output); node.op !== 'input'; node = nodeOf(graph, node.inputs[0])) {
    tied.add(node.id)
    if (!(PER_CLASS.has(node.op) || isRearrangement(node)) || node.inputs.length !== 1) break
  }
  return layersOf(graph).filter((layer) => tied.has(layer.node))
}

/** The names that `resolveLayerSet` knows besides patterns. */
export const NAMED_LAYER_SETS = ['All', 'OnlyConv', 'activations'] as const

/**
 * Resolves a layer set (method section 1): `All` (every layer before the class layers), `OnlyConv` (the convolution
 * outputs among them), `activations` (one output per parametric layer among them, taken after its non-linearity), or a
 * comma-separated list of numbers, ranges of numbers (`1-6`), names and patterns of names (`*` any text, `?` one
 * character). An item of digits is always a number. Patterns and the named sets never
 * pick class layers; a number, range or full name does.
 * Throws `bad-argument` listing the layers when an item picks none.
 */
export function resolveLayerSet(graph: Graph, text: string): LayerSet {
  const layers = layersOf(graph)
  const tied = new Set(classLayers(graph).map((layer) => layer.node))
  const searched = layers.filter((layer) => !tied.has(layer.node))
  const named = NAMED_LAYER_SETS.find((name) => name.toLowerCase() === text.trim().toLowerCase())
  if (named) {
    const picked =
      named === 'All'
        ? searched
        : named === 'OnlyConv'
          ? searched.filter((layer) => CONVOLUTIONS.has(layer.op))
          : afterNonLinearity(graph, searched)
    if (picked.length === 0) throw new VebiError('bad-argument', `The model has no layers for the layer set ${named}.`)
    return { name: named, nodes: picked.map((layer) => layer.node) }
  }
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.length === 0) throw new VebiError('bad-argument', `The layer set is empty: give ${available(layers)}.`)
  const picked = new Set(items.flatMap((item) => pick(item, layers, searched)))
  return { name: items.join(','), nodes: [...picked].sort((a, b) => a - b) }
}

/** One sentence for each non-linearity about the backward pass, in graph order (method section 4). */
export function rectifierReport(graph: Graph): RectifierReport[] {
  return graph.nodes.flatMap((node) => {
    const behaviour = behaviourOf(node)
    if (behaviour === null) return []
    return [{ node: node.id, name: node.name, guided: guidedAt(node), sentence: `"${node.name}" ${behaviour}` }]
  })
}

function afterNonLinearity(graph: Graph, searched: readonly Layer[]): Layer[] {
  const consumers = new Map<number, GraphNode[]>()
  for (const node of graph.nodes) {
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node])
  }
  /** Follows the only consumer past batch normalisation and dropout; null when something else comes first. */
  const activationAfter = (id: number): number | null => {
    const [next, ...others] = consumers.get(id) ?? []
    if (!next || others.length > 0) return null
    if (ACTIVATIONS.has(next.op)) return next.id
    return next.op === 'batchNorm' || next.op === 'dropout' ? activationAfter(next.id) : null
  }
  const normalisedOutput = (id: number): number => {
    const [next, ...others] = consumers.get(id) ?? []
    return next?.op === 'batchNorm' && others.length === 0 ? next.id : id
  }
  const nodes = new Set(
    searched
      .filter((layer) => PARAMETRIC.has(layer.op))
      .map(({ node }) => activationAfter(node) ?? normalisedOutput(node)),
  )
  return searched.filter((layer) => nodes.has(layer.node))
}

function pick(item: string, layers: readonly Layer[], searched: readonly Layer[]): number[] {
  const range = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(item)
  if (range) {
    const first = Number(range[1])
    const last = Number(range[2] ?? range[1])
    if (first < 1 || last > layers.length || first > last) {
      throw new VebiError('bad-argument', `There is no layer ${item}: the layers are numbered 1 to ${layers.length}.`)
    }
    return layers.slice(first - 1, last).map((layer) => layer.node)
  }
  const exact = layers.find((layer) => layer.name === item)
  if (exact) return [exact.node]
  const pattern = patternOf(item)
  const matching = /[*?]/.test(item) ? searched.filter((layer) => pattern.test(layer.name)) : []
  if (matching.length > 0) return matching.map((layer) => layer.node)
  throw new VebiError('bad-argument', `There is no layer "${item}": choose among ${available(layers)}.`)
}

function patternOf(text: string): RegExp {
  const source = text
    .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

function available(layers: readonly Layer[]): string {
  const names = layers.map((layer) => `${layer.number}: ${layer.name}`).join(', ')
  return `${NAMED_LAYER_SETS.join(', ')}, or layers out of ${names}`
}

function behaviourOf(node: GraphNode): string | null {
  switch (node.op) {
    case 'relu':
      return reluBehaviour(node.spec)
    case 'prelu':
      return `is a PReLU: ${slopeRule('its learned slope')}`
    case 'elu':
      return `is an ELU: ${slopeRule('the slope of its exponential')}`
    case 'hardSwish':
      return `is a HardSwish: ${slopeOfCurve}`
    case 'silu':
      return `is a SiLU: ${slopeOfCurve}`
    case 'gelu':
      return `is a GELU: ${slopeOfCurve}`
    case 'hardSigmoid':
      return 'is a hard sigmoid, no rectifier: every rule takes its gradient.'
    case 'sigmoid':
      return 'is a sigmoid, no rectifier: every rule takes its gradient.'
    case 'tanh':
      return 'is a tanh, no rectifier: every rule takes its gradient.'
    case 'multiply':
      return 'multiplies outputs: under every rule each gets the signal times the others.'
    case 'lrn':
      return 'is a local response normalisation: every rule takes its gradient.'
    case 'softmax':
      return 'is a softmax and is never crossed: the backward pass must start below it.'
    default:
      return null
  }
}

/** Of the non-linearities, those with a behaviour. */
function guidedAt(node: GraphNode): GuidedRule {
  switch (node.op) {
    case 'relu': {
      const { maxValue, negativeSlope, threshold } = node.spec
      return maxValue === null && negativeSlope === 0 && threshold === 0 ? 'exact' : 'approximated'
    }
    case 'prelu':
    case 'elu':
    case 'hardSwish':
    case 'silu':
    case 'gelu':
      return 'approximated'
    case 'softmax':
      return 'not-crossed'
    default:
      return 'gradient'
  }
}

/** Their slope falls below 0 for some negative inputs, so guided backpropagation can return a negative signal. */
const slopeOfCurve =
  'gradient passes the signal times the slope of its curve, deconvnet passes the positive signal, guided the positive ' +
  'part of the signal times that slope; guided backpropagation is defined for ReLU, so this is an extension of it.'

function reluBehaviour({
  maxValue,
  negativeSlope,
  threshold,
}: {
  maxValue: number | null
  negativeSlope: number
  threshold: number
}): string {
  const passing = `above ${threshold}${maxValue === null ? '' : ` and below ${maxValue}`}`
  if (negativeSlope === 0) {
    const kind = maxValue === null && threshold === 0 ? 'is a ReLU' : 'is a ReLU with limits'
    return `${kind}: gradient passes the signal where its input was ${passing}, deconvnet where the signal is positive, guided where both hold.`
  }
  const limit = maxValue === null ? '' : ` and nothing from ${maxValue} on`
  return `is a leaky ReLU: ${slopeRule(`slope ${Number(negativeSlope.toPrecision(4))}`, threshold, limit)}`
}

function slopeRule(slope: string, threshold = 0, limit = ''): string {
  return (
    `gradient passes the signal where its input was above ${threshold} and times ${slope} elsewhere${limit}, ` +
    'deconvnet passes the positive signal, guided the positive part of the signal times that slope.'
  )
}

function nodeOf(graph: Graph, id: number): GraphNode {
  return graph.nodes[id]
}
