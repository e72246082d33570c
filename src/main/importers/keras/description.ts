import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { isObject, type JsonObject } from './config.ts'

/** Classes of models that hold layers of their own. */
export const MODEL_CLASSES: ReadonlySet<string> = new Set(['Sequential', 'Model', 'Functional'])

/** Published models nest less than 20 levels; deeper ones would only exhaust the stack. */
const DEEPEST_NESTING = 200

/** The class without the package prefix of registered classes (`package>Class`). */
export function plainClassName(layer: JsonObject): string {
  return String(layer['class_name']).replace(/^.*>/, '')
}

export function configOf(layer: JsonObject): JsonObject {
  return isObject(layer['config']) ? layer['config'] : {}
}

/** Empty where the layer states none. */
export function layerName(layer: JsonObject): string {
  const name = layer['name'] ?? configOf(layer)['name']
  return typeof name === 'string' ? name : ''
}

/** What a model states as its layers; Keras before 2.2.3 wrote a Sequential model's configuration as that list. */
export function statedLayers(model: JsonObject): unknown {
  return Array.isArray(model['config']) ? model['config'] : configOf(model)['layers']
}

/** Whether a layer is itself a model. */
export function isModel(layer: JsonObject): boolean {
  return MODEL_CLASSES.has(plainClassName(layer))
}

/** Classes in which Keras 2 records the operations of TensorFlow. */
const OPERATION_CLASSES: ReadonlySet<string> = new Set(['TFOpLambda', 'SlicingOpLambda', 'TensorFlowOpLayer'])

/** Whether it is no layer but an operation between layers (`x + 3`), which Keras writes among the layers. */
export function isOperationBetweenLayers(layer: JsonObject): boolean {
  const { module } = layer
  return OPERATION_CLASSES.has(plainClassName(layer)) || (typeof module === 'string' && module.split('.').includes('ops'))
}

/** Parses JSON that another program wrote; throws `bad-file` where it is none or nested too deep. */
export function parseDescription(text: string, subject: string): unknown {
  const body = text.replace(/^\uFEFF/, '')
  if (nesting(body) > DEEPEST_NESTING) {
    throw new VebiError('bad-file', `${subject} is nested more than ${DEEPEST_NESTING} levels deep.`)
  }
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new VebiError('bad-file', `${subject} is not valid JSON: ${reasonOf(error)}.`, { cause: error })
  }
}

function nesting(json: string): number {
  let depth = 0
  let deepest = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (token === '[' || token === '{') depth += 1
    else if (token === ']' || token === '}') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
