import type { Graph } from '../../shared/graph.ts'
import { areSameValues, inOtherOrder, presetsFor, suggestedPreset } from '../../shared/preprocessing-presets.ts'
import type { PreprocessingConfig } from '../../shared/project.ts'

/** A preprocessing to be tried. */
export interface Candidate {
  readonly name: string
  readonly hint: string
  readonly preprocessing: PreprocessingConfig
}

/**
 * What the model's file suggests, the families, and what was entered where it is none of them; each once. All but the
 * suggestion resize as entered.
 */
export function candidatesFor(graph: Graph, entered: PreprocessingConfig): Candidate[] {
  const suggested = suggestedPreset(graph.suggestion)
  const resize = graph.suggestion?.preprocessing?.resize ?? entered.resize
  const all: Candidate[] = [
    ...(suggested
      ? [{ name: suggested.name, hint: suggested.hint, preprocessing: { ...entered, ...suggested.values, resize } }]
      : []),
    ...presetsFor(entered).map(({ name, hint, values }) => ({ name, hint, preprocessing: { ...entered, ...values } })),
    { name: 'As entered', hint: 'your own numbers', preprocessing: entered },
  ]
  return all.filter(({ preprocessing }, place) => {
    return !all.slice(0, place).some((other) => isSame(other.preprocessing, preprocessing))
  })
}

/** The same in the other channel order; null where that changes nothing. */
export function turned({ name, preprocessing }: Candidate): Candidate | null {
  if (preprocessing.channels === 1) return null
  const values = inOtherOrder(preprocessing)
  return {
    name: `${name}, ${values.order.toUpperCase()}`,
    hint: 'in the other channel order',
    preprocessing: { ...preprocessing, ...values },
  }
}

export function isSame(left: PreprocessingConfig, right: PreprocessingConfig): boolean {
  return left.resize === right.resize && areSameValues(left, right, left.channels)
}
