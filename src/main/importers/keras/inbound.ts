import { VebiError } from '../../../shared/errors.ts'
import { isObject } from './config.ts'

/** What Keras 2 writes for the layer of a first argument that is no tensor. */
const CONSTANT = '_CONSTANT_VALUE'

/** One tensor of a Functional model: the layer that made it, which call of that layer, which of its outputs. */
export interface TensorReference {
  readonly layer: string
  readonly call: number
  readonly output: number
}

/**
 * The calls of one layer, each with the tensors it takes in order. Reads Keras 2's nested lists
 * (`[[["conv", 0, 0, {}]]]`) and Keras 3's `{ args, kwargs }` with `__keras_tensor__` objects.
 * `subject` starts the sentences of errors. `namedTensors`: whether tensors may stand among the named arguments.
 */
export function readInboundNodes(value: unknown, subject: string, namedTensors = false): TensorReference[][] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new VebiError('bad-model', `${subject} has inbound_nodes that are not a list.`)
  return value.map((call) => {
    if (isObject(call)) {
      const named = collectTensors(call['kwargs'])
      if (named.length > 0 && !namedTensors) throw tensorAsNamedArgument(subject)
      return [...collectTensors(call['args']), ...named]
    }
    if (!Array.isArray(call)) throw new VebiError('bad-model', `${subject} has inbound_nodes of an unknown form.`)
    return callsOf(call).flatMap((reference) => readReference(reference, namedTensors, subject))
  })
}

/** The tensor of one reference and, where they are wanted, those among its named arguments. */
function readReference(reference: unknown, namedTensors: boolean, subject: string): TensorReference[] {
  const tensor = readTensorReference(reference)
  if (!tensor) throw new VebiError('bad-model', `${subject} has inbound_nodes of an unknown form.`)
  const named = namedArguments(reference).flatMap((argument) => readTensorReference(argument) ?? [])
  if (named.length > 0 && !namedTensors) throw tensorAsNamedArgument(subject)
  return tensor.layer === CONSTANT ? named : [tensor, ...named]
}

function namedArguments(reference: unknown): unknown[] {
  return Array.isArray(reference) && isObject(reference[3]) ? Object.values(reference[3]) : []
}

/** Keras 2's references to the tensors of one call, where a single one stands alone. */
function callsOf(call: unknown): unknown[] {
  if (!Array.isArray(call)) return []
  return typeof call[0] === 'string' ? [call] : call
}

/** The numbers that a call takes beside its tensors; operations between layers take them. */
export function readConstants(inboundNodes: unknown, call: number): number[] {
  const stated: unknown = Array.isArray(inboundNodes) ? inboundNodes[call] : undefined
  const values = isObject(stated)
    ? [...membersOf(stated['args']), ...membersOf(stated['kwargs'])]
    : callsOf(stated).flatMap((reference) => {
        const first: unknown[] = Array.isArray(reference) && reference[0] === CONSTANT ? [reference[2]] : []
        return [...first, ...namedArguments(reference)]
      })
  return values.filter((value) => typeof value === 'number')
}

function membersOf(value: unknown): unknown[] {
  return isObject(value) ? Object.values(value) : [value].flat()
}

/** `input_layers` or `output_layers`: a list of references, or (Keras 3, one tensor) a bare reference. */
export function readTensorList(value: unknown, subject: string): TensorReference[] {
  const bare = readTensorReference(value)
  if (bare) return [bare]
  const references = Array.isArray(value) ? value.map(readTensorReference) : [undefined]
  if (references.some((reference) => !reference)) {
    throw new VebiError('bad-model', `${subject} names its inputs or outputs in an unknown form.`)
  }
  return references as TensorReference[]
}

/** `["layer", call, output, ...]`, or `["_CONSTANT_VALUE", -1, number, ...]`. */
function readTensorReference(value: unknown): TensorReference | undefined {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return undefined
  const [layer, call, output] = value as [string, unknown, unknown]
  return Number.isInteger(call) && (Number.isInteger(output) || layer === CONSTANT)
    ? { layer, call: call as number, output: output as number }
    : undefined
}

function collectTensors(value: unknown): TensorReference[] {
  if (Array.isArray(value)) return value.flatMap(collectTensors)
  if (!isObject(value)) return []
  if (value['class_name'] === '__keras_tensor__' && isObject(value['config'])) {
    const reference = readTensorReference(value['config']['keras_history'])
    return reference ? [reference] : []
  }
  return Object.values(value).flatMap(collectTensors)
}

function tensorAsNamedArgument(subject: string): VebiError {
  return new VebiError('unsupported', `${subject} takes a tensor as a named argument, which is not supported.`)
}
