import type { Attribute, NodeText } from './write-graph.ts'

const TYPES: Readonly<Record<number, readonly [graph: string, manifest: string]>> = {
  1: ['DT_FLOAT', 'float32'], 3: ['DT_INT32', 'int32'], 10: ['DT_BOOL', 'bool'],
}

/** The files of a TF.js GraphModel: constants lie in one shard, in the order of the nodes. */
export function graphModelFiles(nodes: readonly NodeText[]): Readonly<Record<string, Uint8Array | string>> {
  const weights: unknown[] = []
  const shards: Buffer[] = []
  for (const { name, attributes } of nodes) {
    const tensor = attributes?.['value']?.tensor
    if (!tensor) continue
    const count = tensor.shape.reduce((product, size) => product * size, 1)
    const type = tensor.type ?? 1
    const values = tensor.values ?? new Array<number>(count).fill(0)
    weights.push({ name, shape: tensor.shape, dtype: TYPES[type][1] })
    shards.push(Buffer.from((type === 1 ? Float32Array : Int32Array).from(values).buffer))
  }
  const description = {
    format: 'graph-model',
    generatedBy: '2.15.1',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: { node: nodes.map(nodeJson), library: {}, versions: {} },
    weightsManifest: [{ paths: ['shard.bin'], weights }],
  }
  return { 'model.json': JSON.stringify(description), 'shard.bin': Buffer.concat(shards) }
}

function nodeJson({ name, op, inputs = [], attributes = {} }: NodeText): unknown {
  const attr = Object.entries(attributes).map(([key, value]) => [key, attributeJson(value)])
  return { name, op, input: inputs, attr: Object.fromEntries(attr) as unknown }
}

function attributeJson(attribute: Attribute): unknown {
  const { text, integer, float, truth, type, shape, tensor, texts, integers } = attribute
  return {
    ...(text !== undefined && { s: base64(text) }),
    ...(integer !== undefined && { i: String(integer) }),
    ...(float !== undefined && { f: float }),
    ...(truth !== undefined && { b: truth }),
    ...(type !== undefined && { type: TYPES[type][0] }),
    ...(shape && { shape: { dim: shape.map((size) => ({ size: String(size ?? -1) })) } }),
    ...(tensor && { tensor: { dtype: TYPES[tensor.type ?? 1][0], tensorShape: { dim: tensor.shape.map(dimension) } } }),
    ...((texts ?? integers) && { list: { s: texts?.map(base64), i: integers?.map(String) } }),
  }
}

function dimension(size: number): unknown {
  return { size: String(size) }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
