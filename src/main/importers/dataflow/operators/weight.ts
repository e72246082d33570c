import type { Weight } from '../../../../shared/graph.ts'
import { WeightInFile } from '../../weight-in-file.ts'
import type { FileNode } from '../node.ts'
import { storedValuesOf, type Tensor } from '../tensor.ts'

/** What is said of a weight with NaN or infinity in it; completes "node ... ". */
export function notFinite(role: string): string {
  return `has values in its ${role} that are not finite (NaN or infinity)`
}

/** The tensor as the kernel of a node; values that were not read stay in their file. */
export function weightOf(node: FileNode, tensor: Tensor): Weight {
  const stored = storedValuesOf(tensor)
  const { dimensions } = tensor
  if (stored) return new WeightInFile(dimensions, stored, node.fault(notFinite('kernel')).message)
  return { shape: dimensions, data: Float32Array.from(tensor.data) }
}
