import type { Padding, Pair, Shape } from '../../../shared/graph.ts'
import { FileNode, LARGEST_SETTING } from '../dataflow/node.ts'
import { NO_PADDING, samePadding } from '../padding.ts'
import type { AttributeMessage } from './messages.ts'

/** What operators compute, under the name that every format shares. Others of the same name compute something else. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['Add', 'Add'], ['AddV2', 'Add'], ['BiasAdd', 'Add'], ['BiasAddV1', 'Add'], ['Sub', 'Sub'], ['Mul', 'Mul'],
  ['Div', 'Div'], ['RealDiv', 'Div'], ['FloorMod', 'Mod'], ['Pow', 'Pow'], ['Maximum', 'Max'],
  ['Minimum', 'Min'], ['ClipByValue', 'Clip'], ['Equal', 'Equal'], ['Less', 'Less'], ['Greater', 'Greater'],
  ['Select', 'Where'], ['SelectV2', 'Where'], ['Neg', 'Neg'], ['Abs', 'Abs'], ['Floor', 'Floor'], ['Ceil', 'Ceil'],
  ['Sqrt', 'Sqrt'], ['Reciprocal', 'Reciprocal'], ['Inv', 'Reciprocal'], ['Range', 'Range'], ['Relu', 'Relu'],
  ['Sigmoid', 'Sigmoid'], ['Tanh', 'Tanh'], ['Erf', 'Erf'], ['Reshape', 'Reshape'], ['Squeeze', 'Squeeze'],
  ['Size', 'Size'],
])

/** One operation of a GraphDef with its settings. Every refusal names the file and the node. */
export class TensorFlowNode extends FileNode {
  private readonly attributes: ReadonlyMap<string, AttributeMessage>

  constructor(
    file: string,
    name: string,
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: ReadonlyMap<string, AttributeMessage>,
  ) {
    super(file, name, operator, operationOf(operator, attributes), inputs, outputs)
    this.attributes = attributes
  }

  float(name: string, byDefault: number): number {
    return this.attributes.get(name)?.float ?? byDefault
  }

  integer(name: string, byDefault: number): number {
    return this.attributes.get(name)?.integer ?? byDefault
  }

  truth(name: string, byDefault: boolean): boolean {
    return this.attributes.get(name)?.truth ?? byDefault
  }

  text(name: string, byDefault: string): string {
    return this.attributes.get(name)?.text ?? byDefault
  }

  /** TensorFlow's DataType. */
  type(name: string, byDefault: number): number {
    return this.attributes.get(name)?.type ?? byDefault
  }

  integers(name: string): readonly number[] {
    return this.attributes.get(name)?.integers ?? []
  }

  texts(name: string): readonly string[] {
    return this.attributes.get(name)?.texts ?? []
  }

  /** Refuses maps with the channels before height and width. */
  requireChannelsLast(): void {
    const order = this.text('data_format', 'NHWC')
    if (order === 'NHWC') return
    if (order === 'NCHW') {
      throw this.unsupported('with the channels before height and width (NCHW); write the model with NHWC')
    }
    throw this.setting('data_format', order, '"NHWC"')
  }

  /** Strides, window sizes or dilations of height and width, which stand in a list for all four axes. */
  pair(name: string): Pair {
    const given = this.integers(name)
    if (given.length === 0) return [1, 1]
    const [images, vertical, horizontal, channels] = given as [number, number, number, number]
    if (given.length !== 4 || !given.every((size) => size >= 1 && size <= LARGEST_SETTING)) {
      throw this.setting(name, given, 'four whole numbers of at least 1')
    }
    if (images !== 1 || channels !== 1) {
      throw this.unsupported(`with ${name} [${given.join(', ')}]; only those of height and width are supported`)
    }
    return [vertical, horizontal]
  }

  /** Explicit padding. `map` is `[height, width, channels]`. */
  padding(map: Shape, size: Pair, strides: Pair, dilation: Pair = [1, 1]): Padding {
    const rule = this.text('padding', '')
    if (rule === 'VALID') return NO_PADDING
    if (rule === 'SAME') return samePadding(map, size, strides, dilation)
    if (rule !== 'EXPLICIT') throw this.setting('padding', rule, 'SAME, VALID or EXPLICIT')
    const given = this.integers('explicit_paddings')
    if (given.length !== 8 || !given.every((pixels) => pixels >= 0 && pixels <= LARGEST_SETTING)) {
      throw this.setting('explicit_paddings', given, 'eight whole numbers of at least 0')
    }
    const [, , top, bottom, left, right] = given as [number, number, number, number, number, number]
    if (given[0] + given[1] + given[6] + given[7] > 0) throw this.unsupported('which pads other axes than height and width')
    return { top, bottom, left, right }
  }
}

function operationOf(operator: string, attributes: ReadonlyMap<string, AttributeMessage>): string {
  // A bias lies along the last axis, as the shorter part of a sum does, unless the channels come first.
  const isTurned = operator === 'BiasAdd' && attributes.get('data_format')?.text === 'NCHW'
  return isTurned ? '' : (OPERATIONS.get(operator) ?? '')
}
