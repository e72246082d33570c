import type { Table } from '../../core/charts/table.ts'
import type { FigureStyle } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { FigureOptions } from '../figures/types.ts'

/** A figure as drawn from stored results, before it is put into files. */
export interface DrawnFigure {
  readonly svg: string
  /** What is drawn, as numbers. */
  readonly table: Table
  /** Raw matrices behind the drawing. Names are ends of file names. */
  readonly arrays: readonly { readonly name: string; readonly matrix: Matrix }[]
  /** Sentences with the numbers. */
  readonly caption: string
  /** Of everything random in it. */
  readonly seeds: Readonly<Record<string, number>>
}

export function optionsOf({ widthCm, fontSizePt, font }: FigureStyle): FigureOptions {
  return { widthCm, fontSizePt, font }
}

/** Part of a file name: letters, digits, `-` and `_`. */
export function fileNamePart(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'x'
}
