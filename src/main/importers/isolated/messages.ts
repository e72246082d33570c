import type { ErrorCode } from '../../../shared/errors.ts'
import type { OpenOptions } from '../importer.ts'
import type { PackedGraph } from './packed-graph.ts'

/** To the process that reads models. */
export interface ParseRequest {
  readonly location: string
  readonly options: OpenOptions
  /** Bytes of resident memory from which on it ends itself. */
  readonly memory: number
}

/** From it: a graph, then the values of its weights in order, and the end; or a refusal. */
export type FromParser =
  | { readonly kind: 'graph'; readonly graph: PackedGraph }
  | { readonly kind: 'values'; readonly weight: number; readonly start: number; readonly values: Float32Array }
  /** `memory`: resident bytes by then, which do not all come back. */
  | { readonly kind: 'done'; readonly memory: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly sentence: string; readonly memory: number }

/** What the reading process writes to stderr before it ends itself for its memory. */
export const OUT_OF_MEMORY = 'The memory for reading a model is used up.'
