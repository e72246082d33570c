import { VebiError } from '../../../shared/errors.ts'
import type { Hdf5File } from '../hdf5/file.ts'
import { childrenOf, variablesOf, type Variable } from '../keras/variables.ts'
import type { JsonObject } from '../keras/config.ts'
import { layerName } from '../keras/description.ts'
import { storedWeights, type StoredVariable, type StoredWeights } from '../keras/stored-weights.ts'

/** One layer's group: its weights by the names in the file, in the order of `layer.weights`. */
interface WeightGroup {
  readonly name: string
  readonly weights: readonly string[]
}

/**
 * The weights of the HDF5 files of Keras 2 and before, which Keras 3 calls legacy: under `root` an attribute
 * `layer_names`, a group for each layer, its attribute `weight_names`. Layers and weights are told by their order, as
 * Keras does; names are only as good as the session that made them (`conv2d_1_2/kernel:0`).
 */
export function legacyWeights(file: Hdf5File, root: string, model: JsonObject): StoredWeights {
  const names = listOfTexts(file, root, 'layer_names')
  if (names === undefined) throw new VebiError('bad-model', `${file.label} holds no weights (it has no layer_names).`)
  const groups = names
    .map((name) => ({ name, weights: listOfTexts(file, join(root, name), 'weight_names') ?? [] }))
    .filter(({ weights }) => weights.length > 0)
  const { layers, byOrder } = layersOf(groups, model, file.label)
  const variables = groups.flatMap((group, position) => {
    const layer = layers[position]
    const expected = layer ? variablesOf(layer) : []
    const paths = assign(group.weights, expected) ?? group.weights.map((name) => [group.name, name])
    return group.weights.map(
      (name, index): StoredVariable => ({
        name: paths[index].join('/'),
        dataset: join(root, group.name, name),
      }),
    )
  })
  return storedWeights(
    file,
    variables,
    byOrder ? ['The layers of the weights are named in another way; they were matched to the model by their order.'] : [],
  )
}

/** The layer of each group: the one of that name, or, where the file was written under other names, by order. */
function layersOf(
  groups: readonly WeightGroup[],
  model: JsonObject,
  label: string,
): { layers: readonly (JsonObject | undefined)[]; byOrder: boolean } {
  const all = childrenOf(model)
  const byName = new Map(all.map((layer) => [layerName(layer), layer]))
  if (groups.every(({ name }) => byName.has(name))) {
    return { layers: groups.map(({ name }) => byName.get(name)), byOrder: false }
  }
  const withWeights = all.filter((layer) => variablesOf(layer).length > 0)
  if (withWeights.length === groups.length) return { layers: withWeights, byOrder: true }
  const missing = groups.find(({ name }) => !byName.has(name))!
  throw new VebiError(
    'bad-model',
    `${label} holds weights of a layer "${missing.name}", which the model does not have, ` +
      `and of ${groups.length} layers in all, where the model has ${withWeights.length} with weights.`,
  )
}

/**
 * The path of each weight of a group (`[model, layer, kernel]`). By name where each weight that is expected has one of
 * its own, else by order; undefined where neither fits.
 */
function assign(stored: readonly string[], expected: readonly Variable[]): string[][] | undefined {
  const clean = stored.map((name) => `/${name.replace(/:\d+$/, '')}`)
  const positions = expected.map((variable) => position(clean, variable))
  const paths: (string[] | undefined)[] = stored.map(() => undefined)
  positions.forEach((found, index) => {
    if (found !== undefined) paths[found] = [...expected[index].path, expected[index].name]
  })
  if (paths.every((path) => path !== undefined)) return paths
  const sameOrder =
    stored.length === expected.length && expected.every(({ name }, index) => isNamed(clean[index], name))
  return sameOrder ? expected.map(({ path, name }) => [...path, name]) : undefined
}

/** Where a weight stands by its name within the group; undefined where none or several could be it. */
function position(stored: readonly string[], { path, name }: Variable): number | undefined {
  for (let start = 0; start < path.length; start++) {
    const ending = `/${[...path.slice(start), name].join('/')}`
    const matching = stored.flatMap((candidate, index) => (candidate.endsWith(ending) ? [index] : []))
    if (matching.length > 0) return matching.length === 1 ? matching[0] : undefined
  }
  return undefined
}

/** Whether `/conv_1/kernel_2` is the name of a kernel. Depthwise kernels are named either way. */
function isNamed(stored: string, name: string): boolean {
  const last = stored.replace(/.*\//, '').replace(/_\d+$/, '')
  return last === name || (name === 'depthwise_kernel' && last === 'kernel')
}

/** h5py splits a list that is too long for one attribute into `name0`, `name1`, ... */
function listOfTexts(file: Hdf5File, path: string, attribute: string): string[] | undefined {
  const whole = file.texts(path, attribute)
  if (whole !== undefined) return whole
  const parts: string[] = []
  for (let part = 0; ; part++) {
    const texts = file.texts(path, `${attribute}${part}`)
    if (texts === undefined) return part === 0 ? undefined : parts
    parts.push(...texts)
  }
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}
