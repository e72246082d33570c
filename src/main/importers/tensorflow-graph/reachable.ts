import { VebiError } from '../../../shared/errors.ts'
import type { FunctionMessage, GraphMessage, NodeMessage } from './messages.ts'

/** A node that an output depends on; calls are unfolded, and nodes that only hand a value on are left out. */
export interface ReachedNode {
  readonly message: NodeMessage
  /** Unique: the node's own name, or with the names of the calls around it where that is taken. */
  readonly name: string
  /** Names of values: `node`, or `node:output` for other outputs than the first. */
  readonly inputs: readonly string[]
  /** The outputs that are used; the first always stands there. */
  readonly outputs: readonly string[]
}

export interface Reached {
  /** In the order of the file, the nodes of a call where the call stands. */
  readonly nodes: readonly ReachedNode[]
  /** The values that were asked for, in that order. */
  readonly values: readonly string[]
}

/** Operators that hand on their input of the same position. */
const HANDING_ON: ReadonlySet<string> = new Set([
  'Identity', 'IdentityN', 'StopGradient', 'PreventGradient', 'CheckNumerics', 'Snapshot', 'EnsureShape',
  'ReadVariableOp', 'PlaceholderWithDefault',
])
const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall'])
const CONTROL_FLOW: ReadonlySet<string> = new Set([
  'Switch', 'RefSwitch', 'Merge', 'RefMerge', 'Enter', 'RefEnter', 'Exit', 'NextIteration', 'LoopCond', 'If',
  'StatelessIf', 'While', 'StatelessWhile', 'Case', 'StatelessCase', 'For',
])

/** Far more operations than networks have; calls within calls could unfold into any number. */
const MOST_NODES = 200_000
const DEEPEST_CALL = 64

/** The nodes of the graph or of one call of a function. */
interface Scope {
  readonly nodes: ReadonlyMap<string, { readonly message: NodeMessage; readonly position: number }>
  readonly body: FunctionMessage | null
  readonly call: { readonly scope: Scope; readonly node: NodeMessage } | null
  /** Positions of the calls around it. */
  readonly place: readonly number[]
  readonly path: string
}

interface Target {
  readonly scope: Scope
  readonly node: NodeMessage
  readonly output: number
}

/**
 * The nodes that the values `wanted` (`node` or `node:output`) depend on. Throws VebiError naming the file and the
 * node where something is missing, goes in circles, or chooses its way as it runs.
 *
 * @param image a node whose value is given, whatever it takes.
 */
export function reachedNodes(
  file: string,
  graph: GraphMessage,
  wanted: readonly string[],
  image: string,
): Reached {
  const reach = new Reach(file, graph, image)
  const targets = wanted.map((value) => reach.source(value, null))
  return reach.from(targets)
}

class Reach {
  private readonly file: string
  private readonly functions: ReadonlyMap<string, FunctionMessage>
  private readonly image: string
  private readonly top: Scope
  private readonly calls = new Map<Scope, Map<NodeMessage, Scope>>()
  private count = 0

  constructor(file: string, graph: GraphMessage, image: string) {
    this.file = file
    this.functions = graph.functions
    this.image = image
    this.top = { nodes: this.byName(graph.nodes), body: null, call: null, place: [], path: '' }
  }

  from(wanted: readonly Target[]): Reached {
    const found = new Map<Scope, Map<NodeMessage, readonly Target[]>>()
    const reached: { target: Target; sources: readonly Target[] }[] = []
    const used = new Map<NodeMessage, Map<Scope, Set<number>>>()
    const pending = [...wanted]
    for (let target = pending.pop(); target; target = pending.pop()) {
      const { scope, node } = target
      const outputs = used.get(node)?.get(scope)
      if (outputs) outputs.add(target.output)
      else used.set(node, (used.get(node) ?? new Map<Scope, Set<number>>()).set(scope, new Set([0, target.output])))
      if (found.get(scope)?.has(node)) continue
      this.countOne()
      if (CONTROL_FLOW.has(node.operator)) {
        const described = `${this.file}: node "${node.name}" is ${/^[AEIO]/.test(node.operator) ? 'an' : 'a'} ${node.operator}`
        throw new VebiError(
          'unsupported',
          `${described}, which chooses or repeats nodes as the graph runs; that is not supported.`,
        )
      }
      const inputs = this.isImage(target) ? [] : node.inputs.filter((input) => !input.startsWith('^'))
      const sources = inputs.map((input) => this.source(input, target))
      if (!found.has(scope)) found.set(scope, new Map())
      found.get(scope)!.set(node, sources)
      reached.push({ target, sources })
      pending.push(...sources)
    }
    reached.sort((a, b) => inOrderOfFile(placeOf(a.target), placeOf(b.target)))
    const names = this.names(reached.map(({ target }) => target))
    const valueOf = ({ scope, node, output }: Target): string => {
      const name = names.get(scope)!.get(node)!
      return output === 0 ? name : `${name}:${output}`
    }
    const nodes = reached.map(({ target, sources }) => ({
      message: target.node,
      name: valueOf({ ...target, output: 0 }),
      inputs: sources.map(valueOf),
      outputs: [...used.get(target.node)!.get(target.scope)!]
        .sort((a, b) => a - b)
        .map((output) => valueOf({ ...target, output })),
    }))
    return { nodes, values: wanted.map(valueOf) }
  }

  /** Where a value comes from: through calls, the arguments of functions, and nodes that hand it on. */
  source(value: string, taker: Target | null): Target {
    let scope = taker?.scope ?? this.top
    let reference = value
    const seen = new Set<string>()
    for (;;) {
      const { name, list, output } = parsed(reference)
      const step = `${scope.path}\n${reference}`
      if (seen.has(step)) throw this.circular(name)
      seen.add(step)
      const argument = scope.body?.inputs.indexOf(name) ?? -1
      if (argument >= 0 && scope.call) {
        const { node } = scope.call
        const given = node.inputs.filter((input) => !input.startsWith('^'))[argument]
        if (given === undefined) throw this.bad(node, `calls "${scope.body!.name}" without its input "${name}"`)
        reference = given
        scope = scope.call.scope
        continue
      }
      const node = scope.nodes.get(name)?.message
      if (!node) throw this.missing(value, taker)
      const target = { scope, node, output }
      if (this.isImage(target)) return target
      const called = this.calledBy(node)
      if (called) {
        const result = called.results.get(called.outputs.includes(list) ? list : (called.outputs[output] ?? ''))
        if (result === undefined) throw this.bad(node, `calls "${called.name}", which has no output ${output + 1}`)
        scope = this.scopeOf(scope, node, called)
        reference = result
        continue
      }
      if (!HANDING_ON.has(node.operator)) return target
      const next = node.inputs[output]
      if (next === undefined || next.startsWith('^')) throw this.bad(node, 'has no input')
      reference = next
    }
  }

  private isImage({ scope, node }: Target): boolean {
    return scope === this.top && node.name === this.image
  }

  private calledBy(node: NodeMessage): FunctionMessage | undefined {
    if (!CALLS.has(node.operator)) return this.functions.get(node.operator)
    const name = node.attributes.get('f')?.function ?? ''
    const called = this.functions.get(name)
    if (!called) throw this.bad(node, `calls the function "${name}", which the file does not hold`)
    return called
  }

  private scopeOf(scope: Scope, node: NodeMessage, body: FunctionMessage): Scope {
    const known = this.calls.get(scope)?.get(node)
    if (known) return known
    this.countOne()
    const place = [...scope.place, scope.nodes.get(node.name)!.position]
    if (place.length > DEEPEST_CALL) throw this.bad(node, `calls "${body.name}" more than ${DEEPEST_CALL} calls deep`)
    const path = `${scope.path}${node.name}/`
    const made: Scope = { nodes: this.byName(body.nodes), body, call: { scope, node }, place, path }
    if (!this.calls.has(scope)) this.calls.set(scope, new Map())
    this.calls.get(scope)!.set(node, made)
    return made
  }

  private byName(nodes: readonly NodeMessage[]): Scope['nodes'] {
    const found = new Map<string, { message: NodeMessage; position: number }>()
    nodes.forEach((message, position) => {
      if (found.has(message.name)) {
        throw new VebiError('bad-model', `${this.file}: two nodes are named "${message.name}".`)
      }
      found.set(message.name, { message, position })
    })
    return found
  }

  private names(targets: readonly Target[]): Map<Scope, Map<NodeMessage, string>> {
    const uses = new Map<string, number>()
    for (const { node } of targets) uses.set(node.name, (uses.get(node.name) ?? 0) + 1)
    const isOwn = ({ scope, node }: Target): boolean => scope === this.top || uses.get(node.name) === 1
    const taken = new Set(targets.filter(isOwn).map(({ node }) => node.name))
    const names = new Map<Scope, Map<NodeMessage, string>>()
    for (const target of targets) {
      const { scope, node } = target
      let name = isOwn(target) ? node.name : scope.path + node.name
      // A node may itself be named as a call and a node inside of it.
      for (let copy = 2; !isOwn(target) && taken.has(name); copy++) name = `${scope.path}${node.name} (${copy})`
      taken.add(name)
      if (!names.has(scope)) names.set(scope, new Map())
      names.get(scope)!.set(node, name)
    }
    return names
  }

  private countOne(): void {
    if (++this.count > MOST_NODES) {
      throw new VebiError('bad-model', `${this.file}: the graph unfolds into more than ${MOST_NODES} operations.`)
    }
  }

  private missing(value: string, taker: Target | null): VebiError {
    if (taker) return this.bad(taker.node, `takes "${value}", which nothing in the model makes`)
    return new VebiError('bad-model', `${this.file}: the output "${value}" is not made by any node.`)
  }

  private circular(name: string): VebiError {
    return new VebiError('bad-model', `${this.file}: node "${name}" depends on its own output, or on a node that does.`)
  }

  private bad(node: NodeMessage, reason: string): VebiError {
    return new VebiError('bad-model', `${this.file}: node "${node.name}" ${reason}.`)
  }
}

/** Outputs of operators that have several of one name each; all others have one list of outputs. */
const LATER_OUTPUTS: ReadonlyMap<string, number> = new Map([
  ['batch_mean', 1], ['batch_variance', 2], ['reserve_space_1', 3], ['reserve_space_2', 4], ['reserve_space_3', 5],
])

/** `node`, `node:output` or, in functions, `node:name:output`. */
function parsed(reference: string): { name: string; list: string; output: number } {
  const [name = '', ...rest] = reference.split(':')
  const list = rest.length === 2 ? rest[0] : ''
  const later = LATER_OUTPUTS.get(list)
  const output = later ?? (rest.length === 0 ? 0 : Number(rest.at(-1)))
  return { name, list, output: Number.isInteger(output) && output >= 0 ? output : 0 }
}

function placeOf({ scope, node }: Target): readonly number[] {
  return [...scope.place, scope.nodes.get(node.name)!.position]
}

function inOrderOfFile(a: readonly number[], b: readonly number[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    if (a[depth] !== b[depth]) return a[depth] - b[depth]
  }
  return a.length - b.length
}
