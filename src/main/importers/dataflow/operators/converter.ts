import type { Conversion } from '../conversion.ts'
import type { FileNode } from '../node.ts'

/** Turns one node of the file into nodes of the graph and sets its outputs. */
export type Converter<Node extends FileNode> = (conversion: Conversion, node: Node) => void

export type Converters<Node extends FileNode> = Readonly<Record<string, Converter<Node>>>
