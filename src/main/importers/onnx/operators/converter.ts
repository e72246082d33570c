import type { Conversion } from '../conversion.ts'
import type { OnnxNode } from '../node.ts'

/** Turns one node of the file into nodes of the graph and sets its outputs. */
export type Converter = (conversion: Conversion, node: OnnxNode) => void

export type Converters = Readonly<Record<string, Converter>>
