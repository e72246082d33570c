import type { Shape, Weight } from '../../../shared/graph.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { VebiError } from '../../../shared/errors.ts'
import { allFinite } from '../finite.ts'
import { WeightInFile, type StoredValues } from '../weight-in-file.ts'

/** A shape that a layer's settings call for; null where they leave a size open. */
export type ExpectedShape = readonly (number | null)[]

export interface NamedWeight {
  readonly name: string
  readonly shape: Shape
  /** Row-major values as float32; called once, when the shape is known to be the right one. */
  values(): Float32Array
  /** Where they lie, if they lie there as float32 and are many. */
  readonly stored?: StoredValues | undefined
}

/**
 * The weights of one model, looked up by layer. Keras writes `layer/kernel`; Keras 3 puts the model's name in front
 * (`sequential/layer/kernel`), and its first versions wrote bare names (`kernel`, `bias`, `kernel`, ...), which can
 * only be handed out in order.
 */
export class WeightTable {
  /** Whether the weights carry no layer names and were matched by their order. */
  readonly byOrder: boolean
  private readonly entries: readonly NamedWeight[]
  private readonly byName = new Map<string, NamedWeight>()
  private readonly owners = new Map<NamedWeight, string>()
  private readonly taken = new Map<string, Weight>()
  private nextInOrder = 0

  constructor(file: string, entries: readonly NamedWeight[]) {
    this.entries = entries.map((entry) => ({ ...entry, name: entry.name.replace(/:\d+$/, '') }))
    this.byOrder = entries.length > 0 && this.entries.every(({ name }) => !name.includes('/'))
    for (const entry of this.byOrder ? [] : this.entries) {
      if (this.byName.has(entry.name)) throw new VebiError('bad-model', `${file}: two weights are named "${entry.name}".`)
      this.byName.set(entry.name, entry)
    }
  }

  /**
   * The weight of the layer at `path` that has one of `names`. A layer that is used several times gets the same object
   * each time. Throws `bad-model` when it is missing, ambiguous, of another shape, or not finite.
   */
  take(path: readonly string[], names: readonly string[], shape: ExpectedShape, subject: string): Weight {
    const layer = path.join('/')
    const key = JSON.stringify([layer, names])
    const known = this.taken.get(key)
    if (known) return known
    const entry = this.byOrder ? this.takeNext(names, subject) : this.findByName(path, names, subject)
    const owner = this.owners.get(entry)
    if (owner !== undefined && owner !== layer) {
      throw new VebiError('bad-model', `${subject} and layer "${owner}" would both take the weight "${entry.name}".`)
    }
    this.owners.set(entry, layer)
    const weight = load(entry, names[0], shape, subject)
    this.taken.set(key, weight)
    return weight
  }

  /** Names of the weights that no layer took. */
  unused(): string[] {
    return this.entries.filter((entry) => !this.owners.has(entry)).map((entry) => entry.name)
  }

  private takeNext(names: readonly string[], subject: string): NamedWeight {
    const entry = this.entries[this.nextInOrder]
    if (!entry) throw missing(names, subject)
    if (!names.includes(withoutNumber(entry.name))) {
      throw new VebiError(
        'bad-model',
        `${subject} needs a weight "${names[0]}", but the weights carry no layer names and the next one in order is "${entry.name}".`,
      )
    }
    this.nextInOrder += 1
    return entry
  }

  private findByName(path: readonly string[], names: readonly string[], subject: string): NamedWeight {
    for (const name of names) {
      const entry = this.byName.get([...path, name].join('/'))
      if (entry) return entry
    }
    for (let start = 0; start < path.length; start++) {
      const prefix = path.slice(start).join('/')
      const wanted = names.map((name) => `${prefix}/${name}`)
      const matching = this.entries.filter(({ name }) =>
        [name, withoutNumber(name)].some((spelling) => wanted.some((full) => `/${spelling}`.endsWith(`/${full}`))),
      )
      // The layer itself before one of the same name inside a nested model, whose weights have a longer prefix.
      const depth = Math.min(...matching.map(({ name }) => depthOf(name)))
      const nearest = matching.filter(({ name }) => depthOf(name) === depth)
      const exact = nearest.filter(({ name }) => wanted.some((full) => `/${name}`.endsWith(`/${full}`)))
      const candidates = exact.length > 0 ? exact : nearest
      if (candidates.length > 1) {
        const found = candidates.map(({ name }) => `"${name}"`).join(', ')
        throw new VebiError('bad-model', `${subject} has several weights that could be its "${names[0]}": ${found}.`)
      }
      if (candidates[0]) return candidates[0]
    }
    throw missing(names, subject)
  }
}

function missing(names: readonly string[], subject: string): VebiError {
  return new VebiError('bad-model', `${subject} has no weight "${names[0]}" in the model's files.`)
}

function load(entry: NamedWeight, name: string, expected: ExpectedShape, subject: string): Weight {
  const { shape } = entry
  if (shape.length !== expected.length || shape.some((size, axis) => size !== (expected[axis] ?? size))) {
    const settings = expected.map((size) => size ?? '?').join(', ')
    throw new VebiError(
      'bad-model',
      `${subject} has a weight "${name}" of shape [${shape.join(', ')}], but its settings call for [${settings}].`,
    )
  }
  const notFinite = `${subject} has values in its weight "${name}" that are not finite (NaN or infinity).`
  if (entry.stored) return new WeightInFile(shape, entry.stored, notFinite)
  const data = entry.values()
  if (data.length !== sizeOf(shape)) {
    throw new VebiError(
      'bad-model',
      `${subject} has a weight "${name}" with ${data.length} values instead of ${sizeOf(shape)}.`,
    )
  }
  if (!allFinite(data)) throw new VebiError('bad-model', notFinite)
  return { shape, data }
}

/** Keras and TF.js append `_1`, `_2`, ... to a weight's name when it is already in use. */
function withoutNumber(name: string): string {
  return name.replace(/_\d+$/, '')
}

function depthOf(name: string): number {
  return name.split('/').length
}
