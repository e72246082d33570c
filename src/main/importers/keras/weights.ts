import type { Weight } from '../../../shared/graph.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { VebiError } from '../../../shared/errors.ts'

/** A shape that a layer's settings call for; null where they leave a size open. */
export type ExpectedShape = readonly (number | null)[]

export interface NamedWeight {
  readonly name: string
  readonly weight: Weight
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
  private readonly owners = new Map<NamedWeight, string>()
  private readonly taken = new Map<string, NamedWeight>()
  private nextInOrder = 0

  constructor(file: string, entries: readonly NamedWeight[]) {
    this.entries = entries.map(({ name, weight }) => ({ name: name.replace(/:\d+$/, ''), weight }))
    this.byOrder = entries.length > 0 && this.entries.every(({ name }) => !name.includes('/'))
    const seen = new Set<string>()
    for (const { name } of this.byOrder ? [] : this.entries) {
      if (seen.has(name)) throw new VebiError('bad-model', `${file}: two weights are named "${name}".`)
      seen.add(name)
    }
  }

  /**
   * The weight of the layer at `path` that has one of `names`. A layer that is used several times gets the same object
   * each time. Throws `bad-model` when it is missing, ambiguous, of another shape, or not finite.
   */
  take(path: readonly string[], names: readonly string[], shape: ExpectedShape, subject: string): Weight {
    const layer = path.join('/')
    const key = JSON.stringify([layer, names])
    const entry =
      this.taken.get(key) ?? (this.byOrder ? this.takeNext(names, subject) : this.findByName(path, names, subject))
    const owner = this.owners.get(entry)
    if (owner !== undefined && owner !== layer) {
      throw new VebiError('bad-model', `${subject} and layer "${owner}" would both take the weight "${entry.name}".`)
    }
    this.owners.set(entry, layer)
    if (!this.taken.has(key)) check(entry.weight, names[0], shape, subject)
    this.taken.set(key, entry)
    return entry.weight
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

function check(weight: Weight, name: string, shape: ExpectedShape, subject: string): void {
  const expected = shape.map((size) => size ?? '?').join(', ')
  if (weight.shape.length !== shape.length || weight.shape.some((size, axis) => size !== (shape[axis] ?? size))) {
    throw new VebiError(
      'bad-model',
      `${subject} has a weight "${name}" of shape [${weight.shape.join(', ')}], but its settings call for [${expected}].`,
    )
  }
  if (weight.data.length !== sizeOf(weight.shape)) {
    throw new VebiError(
      'bad-model',
      `${subject} has a weight "${name}" with ${weight.data.length} values instead of ${sizeOf(weight.shape)}.`,
    )
  }
  if (!weight.data.every(Number.isFinite)) {
    throw new VebiError(
      'bad-model',
      `${subject} has values in its weight "${name}" that are not finite (NaN or infinity).`,
    )
  }
}

/** Keras and TF.js append `_1`, `_2`, ... to a weight's name when it is already in use. */
function withoutNumber(name: string): string {
  return name.replace(/_\d+$/, '')
}

function depthOf(name: string): number {
  return name.split('/').length
}
