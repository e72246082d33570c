import { VebiError } from '../../../shared/errors.ts'
import type { FileNode } from './node.ts'
import type { Tensor } from './tensor.ts'

/** The graph of a file: nodes in an order in which inputs come first, and where each value comes from. */
export interface DataflowGraph<Node extends FileNode> {
  readonly file: string
  readonly nodes: readonly Node[]
  /** Position of the node that makes a value. */
  readonly producers: ReadonlyMap<string, number>
  /** Stored constants by name. Throws VebiError naming the tensor where its values do not fit. */
  stored(name: string): Tensor | undefined
  readonly warnings: readonly string[]
}

/** The node that makes a value; undefined where none does. */
export function makerOf<Node extends FileNode>(graph: DataflowGraph<Node>, name: string | undefined): Node | undefined {
  const place = name === undefined ? undefined : graph.producers.get(name)
  return place === undefined ? undefined : graph.nodes[place]
}

/** The nodes that take a value, by its name. */
export function followersOf<Node extends FileNode>(
  nodes: readonly Node[],
  sourcesOf: (node: Node) => readonly string[],
): ReadonlyMap<string, readonly Node[]> {
  const followers = new Map<string, Node[]>()
  for (const node of nodes) {
    for (const name of new Set(sourcesOf(node))) {
      if (!followers.has(name)) followers.set(name, [])
      followers.get(name)!.push(node)
    }
  }
  return followers
}

/**
 * Nodes with their inputs before them, else in the order of the file. Throws VebiError where a name is given to two
 * values, where nothing makes a value, and where a node depends on itself.
 *
 * @param given values that no node makes.
 */
export function inOrder<Node extends FileNode>(
  file: string,
  nodes: readonly Node[],
  given: ReadonlySet<string>,
): { nodes: Node[]; producers: Map<string, number> } {
  const makers = new Map<string, Node>()
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue
      if (makers.has(output) || given.has(output)) {
        throw node.fault(`makes the value "${output}", but another value has that name`)
      }
      makers.set(output, node)
    }
  }
  const waiting = new Map<Node, number>()
  const followers = new Map<Node, Node[]>()
  for (const node of nodes) {
    const sources = new Set<Node>()
    for (const input of node.inputs) {
      if (input === '' || given.has(input)) continue
      const maker = makers.get(input)
      if (!maker) throw node.fault(`takes "${input}", which nothing in the model makes`)
      sources.add(maker)
    }
    waiting.set(node, sources.size)
    for (const source of sources) {
      if (!followers.has(source)) followers.set(source, [])
      followers.get(source)!.push(node)
    }
  }
  const ready = nodes.filter((node) => waiting.get(node) === 0)
  const ordered: Node[] = []
  const places = new Map(nodes.map((node, place) => [node, place]))
  const isSorted = nodes.every((node, place) => (followers.get(node) ?? []).every((next) => places.get(next)! > place))
  if (isSorted) ordered.push(...nodes)
  else {
    for (let node = ready.shift(); node; node = ready.shift()) {
      ordered.push(node)
      for (const next of followers.get(node) ?? []) {
        const left = waiting.get(next)! - 1
        waiting.set(next, left)
        if (left === 0) ready.push(next)
      }
    }
  }
  if (ordered.length < nodes.length) {
    const stuck = nodes.find((node) => waiting.get(node)! > 0)!
    throw new VebiError('bad-model', `${file}: node "${stuck.name}" depends on its own output, or on a node that does.`)
  }
  const producers = new Map<string, number>()
  ordered.forEach((node, place) => {
    for (const output of node.outputs) if (output !== '') producers.set(output, place)
  })
  return { nodes: ordered, producers }
}
