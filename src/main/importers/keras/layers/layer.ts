import type { OperatorName, OperatorSpecs, Shape, Weight } from '../../../../shared/graph.ts'
import { VebiError } from '../../../../shared/errors.ts'
import type { GraphBuilder } from '../../graph-builder.ts'
import { LayerConfig } from '../config.ts'
import type { KerasTensor } from '../layout.ts'
import type { LayerCall } from '../topology.ts'
import type { ExpectedShape, WeightTable } from '../weights.ts'

/** Turns one layer into nodes and returns the id of the node that holds its output. */
export type LayerConverter = (layer: Layer) => number

/** What a converter sees of one layer: its settings, its inputs in the graph, its weights. */
export class Layer {
  readonly className: string
  readonly name: string
  readonly config: LayerConfig
  /** Whether it is no layer but an operation that Keras met between layers. */
  readonly isOperation: boolean
  /** Numbers that the call takes beside its inputs. */
  readonly constants: readonly number[]
  /** Node ids. */
  readonly inputs: readonly number[]
  /** Whether maps among the inputs have Keras' axes in another order (`KerasTensor`). */
  readonly channelsFirst: boolean
  /** The major version of Keras that the model is written for. */
  readonly kerasVersion: number
  private readonly path: readonly string[]
  private readonly builder: GraphBuilder
  private readonly weights: WeightTable

  constructor(
    call: LayerCall,
    inputs: readonly KerasTensor[],
    kerasVersion: number,
    builder: GraphBuilder,
    weights: WeightTable,
  ) {
    this.className = call.className
    this.name = call.name
    this.isOperation = call.isOperation
    this.constants = call.constants
    this.path = call.path
    this.config = new LayerConfig(`${builder.file}: layer "${call.name}"`, call.config)
    this.inputs = inputs.map(({ node }) => node)
    this.channelsFirst = inputs.some(({ channelsFirst }) => channelsFirst)
    this.kerasVersion = kerasVersion
    this.builder = builder
    this.weights = weights
  }

  /** `<file>: layer "<name>" is a <Class>`, the start of refusals. */
  get described(): string {
    return `${this.config.subject} is ${/^([AEIO]|Up|Un|LRN|LST)/.test(this.className) ? 'an' : 'a'} ${this.className}`
  }

  get input(): number {
    if (this.inputs.length !== 1) {
      throw new VebiError('bad-model', `${this.config.subject} takes one input but is given ${this.inputs.length}.`)
    }
    return this.inputs[0]
  }

  get inputShape(): Shape {
    return this.builder.shapeOf(this.input)
  }

  /** The input's shape, which must be `[height, width, channels]`. */
  get inputMap(): Shape {
    const shape = this.inputShape
    if (shape.length === 3) return shape
    throw new VebiError(
      'bad-model',
      `${this.described}, which takes [height, width, channels], but its input has shape [${shape.join(', ')}].`,
    )
  }

  shapeOf(id: number): Shape {
    return this.builder.shapeOf(id)
  }

  weight(names: string | readonly string[], shape: ExpectedShape): Weight {
    return this.weights.take(this.path, [names].flat(), shape, this.config.subject)
  }

  /** Adds a node named after the layer, or `<layer>/<suffix>` where one layer becomes several nodes. */
  add<Op extends OperatorName>(op: Op, spec: OperatorSpecs[Op], inputs: readonly number[], suffix?: string): number {
    return this.builder.add(op, suffix === undefined ? this.name : `${this.name}/${suffix}`, spec, inputs)
  }

  warn(sentence: string): void {
    this.builder.warn(sentence)
  }

  /** `reason` completes "layer ... is a <Class>, ". */
  unsupported(reason: string): VebiError {
    return new VebiError('unsupported', `${this.described}, ${reason}.`)
  }
}
