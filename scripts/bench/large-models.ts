import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs/minimal.js'

/** Models of the size and the layers of VGG-16 (138 million weights, 553 MB) with random values. */

/** Channels of the convolutions, 3x3 each; `pool` halves height and width. */
const CONVOLUTIONS = [
  64, 64, 'pool', 128, 128, 'pool', 256, 256, 256, 'pool', 512, 512, 512, 'pool', 512, 512, 512, 'pool',
] as const
const UNITS = [4096, 4096, 1000]
const SIDE = 224
const SIDE_BEHIND = 7
/** TensorFlow.js' converter splits weights into files of this size. */
const SHARD_BYTES = 4 * 1024 * 1024

interface Layer {
  readonly kind: 'conv' | 'dense'
  readonly name: string
  readonly inputs: number
  readonly outputs: number
}

type Step = Layer | 'pool'
type Attributes = Readonly<Record<string, readonly number[] | number>>

function steps(): Step[] {
  const list: Step[] = []
  let channels = 3
  for (const step of CONVOLUTIONS) {
    if (step === 'pool') list.push(step)
    else {
      list.push({ kind: 'conv', name: `conv${list.length}`, inputs: channels, outputs: step })
      channels = step
    }
  }
  let units = channels * SIDE_BEHIND ** 2
  for (const outputs of UNITS) {
    list.push({ kind: 'dense', name: `dense${list.length}`, inputs: units, outputs })
    units = outputs
  }
  return list
}

const layers = (): Layer[] => steps().filter((step) => step !== 'pool')
const kernelShape = ({ kind, inputs, outputs }: Layer): number[] =>
  kind === 'conv' ? [3, 3, inputs, outputs] : [inputs, outputs]
const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** Writes a TF.js LayersModel with shards of 4 MiB; returns its files. */
export function writeLargeTfjs(folder: string): string[] {
  mkdirSync(folder)
  const config = (layer: Step, position: number) => {
    if (layer === 'pool') return { class_name: 'MaxPooling2D', config: { name: `pool${position}`, pool_size: 2 } }
    const { kind, name, outputs } = layer
    return kind === 'conv'
      ? { class_name: 'Conv2D', config: { name, filters: outputs, kernel_size: 3, padding: 'same', activation: 'relu' } }
      : { class_name: 'Dense', config: { name, units: outputs, activation: 'relu' } }
  }
  const list = steps()
  const firstDense = list.findIndex((step) => step !== 'pool' && step.kind === 'dense')
  const image = { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, SIDE, SIDE, 3] } }
  const described = [image, ...list.map(config)]
  described.splice(firstDense + 1, 0, { class_name: 'Flatten', config: { name: 'flatten' } } as (typeof described)[0])
  const weights = layers().flatMap((layer) => [
    { name: `${layer.name}/kernel`, shape: kernelShape(layer), dtype: 'float32' },
    { name: `${layer.name}/bias`, shape: [layer.outputs], dtype: 'float32' },
  ])
  const bytes = weights.reduce((sum, { shape }) => sum + 4 * count(shape), 0)
  const paths = Array.from({ length: Math.ceil(bytes / SHARD_BYTES) }, (_, shard) => `group1-shard${shard + 1}.bin`)
  const values = randomBytes(SHARD_BYTES)
  paths.forEach((name, shard) =>
    writeFileSync(join(folder, name), values.subarray(0, Math.min(SHARD_BYTES, bytes - shard * SHARD_BYTES))),
  )
  const modelTopology = { class_name: 'Sequential', config: { name: 'large', layers: described } }
  writeFileSync(
    join(folder, 'model.json'),
    JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [{ paths, weights }] }),
  )
  return [join(folder, 'model.json'), ...paths.map((name) => join(folder, name))]
}

/** Writes an ONNX model as PyTorch exports it: kernels [out, in, 3, 3] and Gemm with transposed matrices. */
export function writeLargeOnnx(file: string): string[] {
  const nodes: Uint8Array[] = []
  let value = 'image'
  const add = (op: string, name: string, extra: readonly string[], attributes: Attributes) => {
    nodes.push(nodeBytes(op, name, [value, ...extra], name, attributes))
    value = name
  }
  steps().forEach((step, position, all) => {
    if (step === 'pool') return add('MaxPool', `pool${position}`, [], { kernel_shape: [2, 2], strides: [2, 2] })
    const { kind, name } = step
    const before = all[position - 1]
    if (kind === 'dense' && before === 'pool') add('Flatten', 'flatten', [], {})
    const parts = [`${name}.weight`, `${name}.bias`]
    if (kind === 'conv') add('Conv', name, parts, { pads: [1, 1, 1, 1], kernel_shape: [3, 3] })
    else add('Gemm', name, parts, { transB: 1 })
    add('Relu', `${name}.relu`, [], {})
  })
  const tensors = layers().flatMap(({ kind, name, inputs, outputs }) => [
    tensorHead(`${name}.weight`, kind === 'conv' ? [outputs, inputs, 3, 3] : [outputs, inputs]),
    tensorHead(`${name}.bias`, [outputs]),
  ])
  const input = field(11, valueBytes('image', [1, 3, SIDE, SIDE]))
  const output = field(12, valueBytes(value, [1, UNITS.at(-1)!]))
  const inside = [...nodes.map((node) => field(1, node)), input, output]
  const initializers = tensors.map(({ head, bytes }) => ({ head: lengthTag(5, head.length + bytes, head), bytes }))
  const graphBytes =
    inside.reduce((sum, part) => sum + part.length, 0) +
    initializers.reduce((sum, { head, bytes }) => sum + head.length + bytes, 0)
  const operatorSet = field(8, protobuf.Writer.create().uint32(16).int64(13).finish())
  const values = randomBytes(SHARD_BYTES)
  const descriptor = openSync(file, 'w')
  try {
    const write = (part: Uint8Array) => writeSync(descriptor, part)
    write(protobuf.Writer.create().uint32(8).int64(8).finish())
    write(operatorSet)
    write(lengthTag(7, graphBytes, new Uint8Array()))
    inside.forEach(write)
    for (const { head, bytes } of initializers) {
      write(head)
      for (let done = 0; done < bytes; done += values.length) write(values.subarray(0, bytes - done))
    }
  } finally {
    closeSync(descriptor)
  }
  return [file]
}

/** A tensor up to its values, and how many bytes those are. */
function tensorHead(name: string, shape: readonly number[]): { head: Uint8Array; bytes: number } {
  const writer = protobuf.Writer.create()
  for (const size of shape) writer.uint32(8).int64(size)
  writer.uint32(16).int32(1).uint32(66).string(name)
  const bytes = 4 * count(shape)
  return { head: Buffer.concat([writer.finish(), lengthTag(9, bytes, new Uint8Array())]), bytes }
}

function nodeBytes(
  op: string,
  name: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes,
): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const input of inputs) writer.uint32(10).string(input)
  writer.uint32(18).string(output).uint32(26).string(name).uint32(34).string(op)
  for (const [key, given] of Object.entries(attributes)) {
    const attribute = writer.uint32(42).fork().uint32(10).string(key)
    if (typeof given === 'number') attribute.uint32(24).int64(given)
    else for (const each of given) attribute.uint32(64).int64(each)
    attribute.ldelim()
  }
  return writer.finish()
}

function valueBytes(name: string, shape: readonly number[]): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(name)
  const tensor = writer.uint32(18).fork().uint32(10).fork().uint32(8).int32(1)
  const sizes = tensor.uint32(18).fork()
  for (const size of shape) sizes.uint32(10).fork().uint32(8).int64(size).ldelim()
  sizes.ldelim()
  tensor.ldelim()
  return writer.ldelim().finish()
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return lengthTag(number, bytes.length, bytes)
}

/** The tag of a field of `length` bytes, and those that are there already. */
function lengthTag(number: number, length: number, beginning: Uint8Array): Uint8Array {
  return Buffer.concat([protobuf.Writer.create().uint32(number * 8 + 2).uint32(length).finish(), beginning])
}

function randomBytes(length: number): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: length / 4 }, () => Math.random() - 0.5).buffer)
}
