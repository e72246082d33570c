import type { Graph } from '../shared/graph.ts'
import type { ScoreKind } from '../shared/model-report.ts'
import { isRearrangement } from './layers.ts'

/** What the class scores of a network are, whatever rearranges them behind its last operator that computes. */
export function scoreKind({ nodes, output }: Graph): ScoreKind {
  let node = nodes[output]
  while (node.op !== 'input' && isRearrangement(node)) node = nodes[node.inputs[0]]
  return node.op === 'softmax' || node.op === 'sigmoid' ? node.op : 'logits'
}
