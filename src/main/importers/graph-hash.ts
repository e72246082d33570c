import type { Graph, Weight } from '../../shared/graph.ts'
import { WeightInFile } from './weight-in-file.ts'

/** What the hash of a graph covers: a text, and then the bytes of the weights in this order. */
export interface GraphIdentity {
  /**
   * The structure as JSON with sorted keys, in which each weight stands as its position among the distinct weights, so
   * that sharing is part of the identity.
   */
  readonly structure: string
  readonly weights: readonly Weight[]
}

/** The graph's hash is the SHA-256 (hex) over the structure and the weights. */
export function identityOf({ nodes, output }: Pick<Graph, 'nodes' | 'output'>): GraphIdentity {
  const weights = new Map<Weight, number>()
  const canonical = (value: unknown): unknown => {
    if (isWeight(value)) {
      const position = weights.get(value) ?? weights.size
      weights.set(value, position)
      return { weight: position, shape: value.shape }
    }
    if (Array.isArray(value)) return value.map(canonical)
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      return Object.fromEntries(entries.map(([key, member]) => [key, canonical(member)]))
    }
    return value
  }
  const structure = JSON.stringify(canonical({ nodes, output }))
  return { structure, weights: [...weights.keys()] }
}

export function isWeight(value: unknown): value is Weight {
  if (value instanceof WeightInFile) return true
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array
}
