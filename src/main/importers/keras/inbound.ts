import { VebiError } from '../../../shared/errors.ts'
import { isObject } from './config.ts'

/** One tensor of a Functional model: the layer that made it, which call of that layer, which of its outputs. */
export interface TensorReference {
  readonly layer: string
  readonly call: number
  readonly output: number
}

/**
 * The calls of one layer, each with the tensors it takes in order. Reads Keras 2's nested lists
 * (`[[["conv", 0, 0, {}]]]`) and Keras 3's `{ args, kwargs }` with `__keras_tensor__` objects.
 * `subject` starts the sentences of errors.
 */
export function readInboundNodes(value: unknown, subject: string): TensorReference[][] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new VebiError('bad-model', `${subject} has inbound_nodes that are not a list.`)
  return value.map((call) => {
    if (isObject(call)) {
      if (collectTensors(call['kwargs']).length > 0) throw tensorAsNamedArgument(subject)
      return collectTensors(call['args'])
    }
    if (!Array.isArray(call)) throw new VebiError('bad-model', `${subject} has inbound_nodes of an unknown form.`)
    const references = typeof call[0] === 'string' ? [call] : call
    return references.map((reference: unknown) => {
      const tensor = readTensorReference(reference)
      if (!tensor) throw new VebiError('bad-model', `${subject} has inbound_nodes of an unknown form.`)
      const named = Array.isArray(reference) && isObject(reference[3]) ? Object.values(reference[3]) : []
      if (named.some((argument) => readTensorReference(argument))) throw tensorAsNamedArgument(subject)
      return tensor
    })
  })
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

/** `["layer", call, output, ...]`. */
function readTensorReference(value: unknown): TensorReference | undefined {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return undefined
  const [layer, call, output] = value as [string, unknown, unknown]
  return Number.isInteger(call) && Number.isInteger(output)
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
