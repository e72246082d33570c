import { VebiError } from '../../../shared/errors.ts'
import { isObject, type JsonObject } from './config.ts'
import { configOf, isModel, isOperationBetweenLayers, layerName, MODEL_CLASSES, plainClassName, statedLayers } from './description.ts'
import { readConstants, readInboundNodes, readTensorList, type TensorReference } from './inbound.ts'

/** One application of a layer; nested models are inlined. */
export interface LayerCall {
  /** Without the package prefix of registered classes (`package>Class`). */
  readonly className: string
  /** Unique name: `<nested model>/<layer>`, with `/call2` and so on for further uses of a shared layer. */
  readonly name: string
  /** Names of the enclosing nested models and of the layer itself, as weights are filed under them. */
  readonly path: readonly string[]
  readonly config: JsonObject
  /** Whether it is no layer but an operation that Keras met between layers. */
  readonly isOperation: boolean
  /** Numbers that the call takes beside its inputs. */
  readonly constants: readonly number[]
  /** Positions in the list of calls; empty for the input. */
  readonly inputs: readonly number[]
}

export interface Topology {
  /** Topological order, the input first and the output last. */
  readonly calls: readonly LayerCall[]
  /** Whether the model is written the way Keras 3 does. */
  readonly keras3: boolean
  /** Layers that do not lead to the output and were left out. */
  readonly dropped: readonly string[]
  /** How many outputs the model states; all but the last lie on the way to it. */
  readonly outputCount: number
}

/** Far more than any published model has; a nested model that calls others twice, level by level, has more soon. */
const MOST_CALLS = 20_000

/** Flattens a Keras model description (`{ class_name, config }`) to one list of layer calls. */
export function readTopology(model: unknown, file: string): Topology {
  if (!isObject(model) || typeof model['class_name'] !== 'string') {
    throw new VebiError('bad-model', `${file}: the model description has no class_name.`)
  }
  const className = plainClassName(model)
  if (!MODEL_CLASSES.has(className)) {
    throw new VebiError(
      'unsupported',
      `${file}: the model is a ${className}, but only Sequential and Functional models can be read.`,
    )
  }
  const flattener = new Flattener(file)
  const outputs = flattener.expandRoot(model)
  const { calls, keras3 } = flattener
  // Models made for display also hand out what lies on the way to the classes; those outputs change nothing.
  const last = outputs.find((output) => outputs.every((other) => ancestors(calls, output).has(other)))
  if (last === undefined) {
    const names = outputs.map((output) => `"${calls[output].name}"`).join(', ')
    throw new VebiError(
      'unsupported',
      `${file}: the model has ${outputs.length} separate outputs (${names}), but one, with a value per class, is needed.`,
    )
  }
  return { ...prune(calls, last), keras3, outputCount: new Set(outputs).size }
}

/** The call itself, all calls it depends on, and the input. */
function ancestors(calls: readonly LayerCall[], output: number): Set<number> {
  const found = new Set<number>([0, output])
  for (let id = output; id > 0; id--) if (found.has(id)) for (const input of calls[id].inputs) found.add(input)
  return found
}

function prune(calls: readonly LayerCall[], output: number): Pick<Topology, 'calls' | 'dropped'> {
  const needed = ancestors(calls, output)
  const positions = new Map([...needed].sort((a, b) => a - b).map((id, position) => [id, position]))
  return {
    calls: [...positions.keys()].map((id) => ({
      ...calls[id],
      inputs: calls[id].inputs.map((input) => positions.get(input)!),
    })),
    dropped: calls.filter((_, id) => !needed.has(id)).map((call) => call.name),
  }
}

interface Scope {
  readonly config: JsonObject
  /** Calls that stand for the inputs of this model; null for the outermost one, which makes its own input. */
  readonly inputs: readonly number[] | null
  /** Prefix of node names inside. */
  readonly prefix: string
  readonly path: readonly string[]
}

class Flattener {
  readonly calls: LayerCall[] = []
  keras3 = false
  private applications = 0
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  expandRoot(model: JsonObject): number[] {
    try {
      return this.expand(model, { config: configOf(model), inputs: null, prefix: '', path: [] })
    } catch (error) {
      // The stack is full: thousands of layers that are listed backwards, or hundreds of models in one another.
      if (!(error instanceof RangeError)) throw error
      throw new VebiError('bad-model', `${this.file}: its layers are chained too deeply to be followed.`, {
        cause: error,
      })
    }
  }

  private expand(model: JsonObject, scope: Scope): number[] {
    return plainClassName(model) === 'Sequential' ? this.expandSequential(model, scope) : this.expandFunctional(scope)
  }

  private expandSequential(model: JsonObject, scope: Scope): number[] {
    const layers = this.layersOf(statedLayers(model))
    const first = layers[0]
    if (!first) throw new VebiError('bad-model', `${this.file}: the model has no layers.`)
    const startsWithInput = plainClassName(first) === 'InputLayer'
    let current = scope.inputs
    if (!current) {
      const shape = inputShapeOf(first) ?? scope.config['build_input_shape']
      const name = startsWithInput ? layerName(first) : `${layerName(first)}_input`
      current = [this.addInput(name, { batch_input_shape: shape })]
    }
    for (const layer of startsWithInput ? layers.slice(1) : layers) {
      current = this.apply(layer, 0, current, scope)
    }
    return [...current]
  }

  private expandFunctional(scope: Scope): number[] {
    const subject = scope.prefix ? `${this.file}: model "${scope.prefix.slice(0, -1)}"` : `${this.file}: the model`
    const layers = new Map<string, JsonObject>()
    for (const layer of this.layersOf(scope.config['layers'])) {
      const name = layerName(layer)
      if (layers.has(name)) throw new VebiError('bad-model', `${subject} has two layers that are named "${name}".`)
      layers.set(name, layer)
    }
    const inputs = readTensorList(scope.config['input_layers'], subject)
    if (!scope.inputs && inputs.length !== 1) {
      const names = inputs.map((input) => `"${input.layer}"`).join(', ')
      throw new VebiError(
        'unsupported',
        `${this.file}: the model has ${inputs.length} inputs (${names}), but exactly one image input is needed.`,
      )
    }
    const done = new Map<string, readonly number[]>()
    const open = new Set<string>()
    inputs.forEach((input, position) => {
      const layer = layers.get(input.layer)
      if (!layer) throw new VebiError('bad-model', `${subject} names an unknown input layer "${input.layer}".`)
      const made = scope.inputs
        ? scope.inputs[position]
        : this.addInput(input.layer, { batch_input_shape: inputShapeOf(layer) })
      if (made === undefined) {
        throw new VebiError(
          'bad-model',
          `${subject} takes ${inputs.length} inputs but is given ${scope.inputs?.length ?? 0}.`,
        )
      }
      done.set(callKey(input.layer, 0), [made])
    })

    const outputs = readTensorList(scope.config['output_layers'], subject)
    const inboundNodes = new Map(
      [...layers].map(([name, layer]) => {
        const layerSubject = `${this.file}: layer "${scope.prefix}${name}"`
        return [name, readInboundNodes(layer['inbound_nodes'], layerSubject, isOperationBetweenLayers(layer))]
      }),
    )
    const firstCalls = firstCallNumbers(inboundNodes, outputs)

    const resolve = ({ layer, call, output }: TensorReference): number => {
      const calls = inboundNodes.get(layer)?.length ?? 0
      const made = applyCall(layer, calls <= 1 ? 0 : call - (firstCalls.get(layer) ?? 0))
      const id = made[output]
      if (id === undefined) throw new VebiError('bad-model', `${this.file}: layer "${layer}" has no output ${output}.`)
      return id
    }
    const applyCall = (name: string, call: number): readonly number[] => {
      const key = callKey(name, call)
      const known = done.get(key)
      if (known) return known
      const layer = layers.get(name)
      if (!layer) throw new VebiError('bad-model', `${subject} refers to an unknown layer "${name}".`)
      const layerSubject = `${this.file}: layer "${scope.prefix}${name}"`
      const references = inboundNodes.get(name)?.[call]
      if (!references || references.length === 0) throw new VebiError('bad-model', `${layerSubject} has no input.`)
      if (open.has(key)) throw new VebiError('bad-model', `${layerSubject} takes part in a cycle.`)
      open.add(key)
      const made = this.apply(layer, call, references.map(resolve), scope)
      open.delete(key)
      done.set(key, made)
      return made
    }

    // In the order in which the model lists its layers, which decides their numbers.
    for (const [name, layer] of layers) {
      if (plainClassName(layer) === 'InputLayer') continue
      inboundNodes.get(name)!.forEach((_, call) => applyCall(name, call))
    }
    return outputs.map(resolve)
  }

  /** One call of a layer or of a nested model; returns the calls that hold its outputs. */
  private apply(layer: JsonObject, call: number, inputs: readonly number[], scope: Scope): number[] {
    const name = layerName(layer)
    const uniqueName = `${scope.prefix}${name}${call > 0 ? `/call${call + 1}` : ''}`
    this.applications += 1
    if (this.applications > MOST_CALLS) {
      throw new VebiError('bad-model', `${this.file}: the model has more than ${MOST_CALLS} layers.`)
    }
    const path = [...scope.path, name]
    const className = plainClassName(layer)
    if (isModel(layer)) {
      return this.expand(layer, { config: configOf(layer), inputs, prefix: `${uniqueName}/`, path })
    }
    const isOperation = isOperationBetweenLayers(layer)
    const constants = isOperation ? readConstants(layer['inbound_nodes'], call) : []
    const made = { className, name: uniqueName, path, config: configOf(layer), isOperation, constants, inputs }
    return [this.calls.push(made) - 1]
  }

  private addInput(name: string, config: JsonObject): number {
    const call = { className: 'InputLayer', name, path: [name], config, isOperation: false, constants: [], inputs: [] }
    return this.calls.push(call) - 1
  }

  private layersOf(value: unknown): JsonObject[] {
    if (!Array.isArray(value) || !value.every(isObject)) {
      throw new VebiError('bad-model', `${this.file}: the model description holds no list of layers.`)
    }
    for (const layer of value) {
      if (typeof layer['class_name'] !== 'string' || layerName(layer) === '') {
        throw new VebiError('bad-model', `${this.file}: a layer of the model description has no class_name or no name.`)
      }
      if ('batch_shape' in configOf(layer) || 'build_config' in layer || 'registered_name' in layer) this.keras3 = true
    }
    return value
  }
}

/**
 * The number by which references name the first stated call of each layer that is called several times. Keras 2 and
 * TF.js count the call that is made while a nested model is built, but do not write it down, so its first one is
 * number 1: then, and only then, there are references to a number past the last stated call.
 */
function firstCallNumbers(
  inboundNodes: ReadonlyMap<string, readonly (readonly TensorReference[])[]>,
  outputs: readonly TensorReference[],
): Map<string, number> {
  const references = [...[...inboundNodes.values()].flat(2), ...outputs]
  return new Map(
    references.flatMap(({ layer, call }) => (call === (inboundNodes.get(layer)?.length ?? 0) ? [[layer, 1]] : [])),
  )
}

/** The stated batch input shape of a layer, or of the first layer inside a nested model. */
function inputShapeOf(layer: JsonObject): unknown {
  const config = configOf(layer)
  const stated = config['batch_input_shape'] ?? config['batch_shape'] ?? config['build_input_shape']
  if (stated) return stated
  const nested = statedLayers(layer)
  return Array.isArray(nested) && isObject(nested[0]) ? inputShapeOf(nested[0]) : undefined
}

function callKey(layer: string, call: number): string {
  return JSON.stringify([layer, call])
}
