import { createHash } from 'node:crypto'
import type { GraphNode, Weight } from '../../shared/graph.ts'

/**
 * SHA-256 (hex) over the structure and the weights of a graph. The structure is hashed as JSON with sorted keys, in
 * which each weight stands as its position among the distinct weights, so that sharing is part of the identity.
 */
export function graphHash(nodes: readonly GraphNode[], output: number): string {
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
  const hash = createHash('sha256')
  hash.update(JSON.stringify(canonical({ nodes, output })))
  for (const { data } of weights.keys()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return hash.digest('hex')
}

function isWeight(value: unknown): value is Weight {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array
}
