import h5wasm from 'h5wasm'
import { withFile } from '../hdf5/library.ts'

export interface StoredArray {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** A group: texts and lists of texts become attributes, arrays data sets, everything else groups. */
export interface Tree {
  readonly [name: string]: string | readonly string[] | StoredArray | Tree
}

type Group = InstanceType<typeof h5wasm.Group>

/** The bytes of an HDF5 file with these members. */
export async function hdf5Bytes(tree: Tree): Promise<Uint8Array> {
  return withFile(new Uint8Array(), (library, name) => {
    const file = new h5wasm.File(name, 'w')
    fill(file, tree)
    file.close()
    return library.FS.readFile(name)
  })
}

/** An HDF5 file as `model.save` of Keras 2 writes it; `weights` by layer and by name within it. */
export async function kerasHdf5(
  model: unknown,
  weights: Readonly<Record<string, Readonly<Record<string, StoredArray>>>>,
  attributes: Readonly<Record<string, string>> = { keras_version: '2.4.0', backend: 'tensorflow' },
): Promise<Uint8Array> {
  return hdf5Bytes({ model_config: JSON.stringify(model), ...attributes, model_weights: weightGroups(weights) })
}

/** What `save_weights` of Keras 2 writes. */
export function weightGroups(weights: Readonly<Record<string, Readonly<Record<string, StoredArray>>>>): Tree {
  const groups = Object.entries(weights).map(([layer, own]): [string, Tree] => {
    return [layer, { weight_names: Object.keys(own), ...own }]
  })
  return { layer_names: Object.keys(weights), ...Object.fromEntries(groups) }
}

function fill(group: Group, tree: Tree): void {
  for (const [name, member] of Object.entries(tree)) {
    if (typeof member === 'string') group.create_attribute(name, member)
    else if (isTexts(member)) group.create_attribute(name, [...member])
    else if (isStoredArray(member)) {
      const steps = name.split('/')
      const last = steps.pop()!
      const holder = steps.reduce((parent, step) => child(parent, step), group)
      holder.create_dataset({ name: last, data: Float32Array.from(member.values), shape: [...member.shape] })
    } else fill(group.create_group(name), member)
  }
}

function child(group: Group, name: string): Group {
  const known = group.keys().includes(name) ? group.get(name) : null
  return known instanceof h5wasm.Group ? known : group.create_group(name)
}

function isTexts(member: Tree[string]): member is readonly string[] {
  return Array.isArray(member)
}

function isStoredArray(member: StoredArray | Tree): member is StoredArray {
  return Array.isArray(member['shape']) && Array.isArray(member['values'])
}
