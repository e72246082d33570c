import { VebiError } from '../../../shared/errors.ts'
import type { Hdf5File } from '../hdf5/file.ts'
import type { JsonObject } from './config.ts'
import { isModel, layerName, plainClassName } from './description.ts'
import { storedWeights, type StoredVariable, type StoredWeights } from './stored-weights.ts'
import { childrenOf, namesOfVariables } from './variables.ts'

/** The group of a model's layers; the second name is that of TensorFlow 2.12 and 2.13. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'] as const

/** Whether the weights are filed the way Keras 3 does it. */
export function hasNumberedWeights(file: Hdf5File): boolean {
  return CONTAINERS.some((container) => file.kind(container) === 'group')
}

/**
 * The weights of `model.weights.h5`, as Keras 3 and the later tf.keras 2 file them: not by the names of layers but by
 * class and position among the layers of that class (`layers/conv2d_1/vars/0`), and by number in the order in which
 * the layer made them.
 */
export function numberedWeights(file: Hdf5File, model: JsonObject): StoredWeights {
  return storedWeights(file, [...variablesOf(file, model, '', [])])
}

function* variablesOf(
  file: Hdf5File,
  model: JsonObject,
  group: string,
  path: readonly string[],
): Generator<StoredVariable> {
  const container = CONTAINERS.map((name) => join(group, name)).find((name) => file.kind(name) === 'group')
  if (container === undefined) return
  const positions = new Map<string, number>()
  for (const layer of childrenOf(model)) {
    const kind = snakeCase(plainClassName(layer))
    const position = positions.get(kind) ?? 0
    positions.set(kind, position + 1)
    const place = join(container, position === 0 ? kind : `${kind}_${position}`)
    const inner = [...path, layerName(layer)]
    if (isModel(layer)) yield* variablesOf(file, layer, place, inner)
    else yield* ownVariables(file, layer, join(place, 'vars'), inner)
  }
}

function* ownVariables(
  file: Hdf5File,
  layer: JsonObject,
  group: string,
  path: readonly string[],
): Generator<StoredVariable> {
  const names = namesOfVariables(layer)
  if (names.length === 0) return
  // Newer versions note whose weights they are.
  const owner = file.text(group, 'name')
  if (owner !== undefined && owner !== path.at(-1)) {
    throw new VebiError(
      'bad-model',
      `${file.label}: "${group}" holds the weights of layer "${owner}", where those of "${path.join('/')}" are expected.`,
    )
  }
  const stored = file.members(group)
  for (const [position, name] of names.entries()) {
    if (stored.includes(String(position))) yield { name: [...path, name].join('/'), dataset: `${group}/${position}` }
  }
}

/** `SeparableConv2D` as `separable_conv2d`, `PReLU` as `p_re_lu`. */
function snakeCase(className: string): string {
  return className
    .replace(/\W/g, '')
    .replace(/(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}
