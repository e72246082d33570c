import type { Shape } from '../../../shared/graph.ts'

/** Values of MATLAB. Arrays have their first axis fastest (column-major), with at least two axes. */
export type MatlabValue = NumericArray | TextArray | CellArray | StructArray | ForeignValue

export interface NumericArray {
  readonly kind: 'numeric'
  readonly shape: Shape
  /** Float32Array for MATLAB's class single, Float64Array for the others, logical among them. */
  readonly data: Float32Array | Float64Array
}

export interface TextArray {
  readonly kind: 'text'
  readonly rows: readonly string[]
}

export interface CellArray {
  readonly kind: 'cell'
  readonly shape: Shape
  readonly cells: readonly MatlabValue[]
}

export interface StructArray {
  readonly kind: 'struct'
  readonly shape: Shape
  readonly elements: readonly StructElement[]
}

export type StructElement = ReadonlyMap<string, MatlabValue>

/** What numbers, text, cells and structs cannot hold; a file may have it where nobody looks. */
export interface ForeignValue {
  readonly kind: 'foreign'
  /** With its article, for messages: `a function handle`. */
  readonly what: string
}

/** What a value is, with its article, for messages. */
export function describe(value: MatlabValue): string {
  switch (value.kind) {
    case 'numeric':
      return `an array of numbers [${value.shape.join(', ')}]`
    case 'text':
      return value.rows.length === 1 ? `the text "${value.rows[0]}"` : 'an array of text'
    case 'cell':
      return `a cell array [${value.shape.join(', ')}]`
    case 'struct':
      return `a struct [${value.shape.join(', ')}]`
    case 'foreign':
      return value.what
  }
}

/** Text of one row; undefined for anything else. */
export function textOf(value: MatlabValue | undefined): string | undefined {
  if (value?.kind !== 'text' || value.rows.length > 1) return undefined
  return value.rows[0] ?? ''
}

/** The only element of a struct; undefined for anything else. */
export function structOf(value: MatlabValue | undefined): StructElement | undefined {
  return value?.kind === 'struct' && value.elements.length === 1 ? value.elements[0] : undefined
}

/** A cell array of texts, one text, or the rows of a text array; undefined for anything else. */
export function textsOf(value: MatlabValue | undefined): readonly string[] | undefined {
  if (value?.kind === 'text') return value.rows.map((row) => row.trimEnd())
  if (value?.kind === 'numeric' && value.data.length === 0) return []
  if (value?.kind !== 'cell') return undefined
  const texts = value.cells.map(textOf)
  return texts.every((text) => text !== undefined) ? texts : undefined
}
