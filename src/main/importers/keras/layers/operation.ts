import { isObject } from '../config.ts'
import { addScalars } from './affine.ts'
import type { Layer } from './layer.ts'

/** Operations as Keras 3 calls them (a class of its own) and Keras 2 (the `function` of a TFOpLambda). */
const SUMS: ReadonlySet<string> = new Set(['Add', '__operators__.add', 'math.add'])
const PRODUCTS: ReadonlySet<string> = new Set(['Multiply', '__operators__.multiply', 'math.multiply'])

/** An operation between layers: a sum or a product of tensors, or of one tensor and a number. */
export function convertOperation(layer: Layer): number {
  const operation = operationOf(layer)
  const { constants, inputs } = layer
  if (inputs.length === 1 && constants.length === 1) {
    if (SUMS.has(operation)) return addScalars(layer, 1, constants[0])
    if (PRODUCTS.has(operation)) return addScalars(layer, constants[0], 0)
  }
  if (inputs.length > 1 && constants.length === 0) {
    if (SUMS.has(operation)) return layer.add('add', {}, inputs)
    if (PRODUCTS.has(operation)) return layer.add('multiply', {}, inputs)
  }
  const quoted = operation === layer.className ? 'an operation' : `the operation "${operation}"`
  throw layer.unsupported(`which stands for ${quoted} between layers; of these only sums and products are supported`)
}

function operationOf(layer: Layer): string {
  const operation = layer.config.find('function')
  if (typeof operation === 'string') return operation
  const node = layer.config.find('node_def')
  return isObject(node) && typeof node['op'] === 'string' ? node['op'] : layer.className
}
