import type { Shape } from '../../../shared/graph.ts'
import type { GuidedRule, LayerSetName, ModelLayer, ModelReport, NonLinearity } from '../../../shared/model-report.ts'

/** What is asked and said about the layers of a model, without a screen. */

/** Layers that are shown: of a set, of the user's own one, or any. */
export type SetFilter = LayerSetName | 'own' | 'any'

export interface LayerFilter {
  /** Part of a name or operator, or a whole layer number. */
  readonly text: string
  readonly set: SetFilter
}

export function filterLayers(
  layers: readonly ModelLayer[],
  { text, set }: LayerFilter,
  own: ReadonlySet<number>,
): ModelLayer[] {
  const wanted = text.trim().toLowerCase()
  return layers.filter((layer) => isInSet(layer, set, own) && (wanted === '' || matches(layer, wanted)))
}

function isInSet(layer: ModelLayer, set: SetFilter, own: ReadonlySet<number>): boolean {
  if (set === 'any') return true
  return set === 'own' ? own.has(layer.number) : layer.sets.includes(set)
}

function matches({ number, name, operator }: ModelLayer, wanted: string): boolean {
  if (/^\d+$/.test(wanted) && String(number) === wanted) return true
  return name.toLowerCase().includes(wanted) || operator.toLowerCase().includes(wanted)
}

/** Numbers as the engine reads them, runs as ranges: `1-3,7`. */
export function layersText(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let begin = 0; begin < sorted.length; ) {
    let end = begin
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    parts.push(begin === end ? `${sorted[begin]}` : `${sorted[begin]}-${sorted[end]}`)
    begin = end + 1
  }
  return parts.join(',')
}

/** `54 × 54 × 20`. */
export function shapeText(shape: Shape): string {
  return shape.join(' × ')
}

/** `2` where both axes agree, else `2 × 1` (vertical, horizontal). */
export function pairText(pair: readonly [number, number]): string {
  return pair[0] === pair[1] ? String(pair[0]) : `${pair[0]} × ${pair[1]}`
}

/** A map has rows, columns and channels; a vector has units alone. */
export function kindOf(layer: ModelLayer): 'convolutional' | 'fully-connected' {
  return layer.shape.length === 1 ? 'fully-connected' : 'convolutional'
}

export function layersIn({ layers }: ModelReport, set: LayerSetName): ModelLayer[] {
  return layers.filter((layer) => layer.sets.includes(set))
}

export function featuresOf(layers: readonly ModelLayer[]): number {
  return layers.reduce((sum, { channels }) => sum + channels, 0)
}

/** The built-in set with exactly these layers; null where there is none. */
export function sameAsBuiltIn(report: ModelReport, numbers: readonly number[]): LayerSetName | null {
  const text = layersText(numbers)
  const sets: readonly LayerSetName[] = ['All', 'OnlyConv']
  return sets.find((set) => layersText(layersIn(report, set).map(({ number }) => number)) === text) ?? null
}

/** Non-linearities that behave alike, in the order of the first of each kind. */
export interface Behaviour {
  readonly guided: GuidedRule
  readonly sentence: string
  readonly names: readonly string[]
}

/** @param nonLinearities with sentences that begin with the name: `"name" is a ReLU: ...`. */
export function groupBehaviours(nonLinearities: readonly NonLinearity[]): Behaviour[] {
  const groups = new Map<string, { guided: GuidedRule; names: string[] }>()
  for (const { name, guided, sentence } of nonLinearities) {
    const begin = `"${name}" `
    const behaviour = sentence.startsWith(begin) ? sentence.slice(begin.length) : sentence
    const group = groups.get(behaviour) ?? { guided, names: [] }
    groups.set(behaviour, group)
    group.names.push(name)
  }
  return [...groups].map(([behaviour, { guided, names }]) => ({ guided, sentence: capitalised(behaviour), names }))
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
