/**
 * Compares every layer of a full-size VGG-F that the importer reads with PyTorch's output of it.
 *
 *     python scripts/study/vgg_f.py FOLDER
 *     node scripts/study/vgg-f.ts FOLDER
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { openModel } from '../../src/main/importers/index.ts'
import { startEngine } from '../../src/main/model/engine.ts'
import { Network } from '../../src/main/model/network.ts'

const ALLOWED = 1e-5
const [folder = '.'] = process.argv.slice(2)
const start = performance.now()
const graph = await openModel(path.join(folder, 'vgg-f.mat'))
console.log(`${graph.source}, opened in ${Math.round(performance.now() - start)} ms`)
await startEngine()
const network = new Network(graph)
const image = network.upload(values('image'), 1)
const outputs = network.forward(image, { keep: new Set(graph.nodes.map(({ id }) => id)) })
for (const { id, name, op } of graph.nodes) {
  if (op === 'input' || op === 'flatten') continue
  const found = outputs.get(id)!.dataSync()
  const expected = values(name)
  let difference = 0
  let largest = 0
  expected.forEach((value, index) => {
    difference = Math.max(difference, Math.abs(value - (found[index] ?? Infinity)))
    largest = Math.max(largest, Math.abs(value))
  })
  const isClose = found.length === expected.length && difference / largest < ALLOWED
  if (!isClose) process.exitCode = 1
  console.log(`${name}: ${(difference / largest).toExponential(1)} of the largest value${isClose ? '' : ', too much'}`)
}

/** Float32 of an NPY file of version 1. */
function values(name: string): Float32Array {
  const bytes = readFileSync(path.join(folder, `${name}.npy`))
  return new Float32Array(Uint8Array.from(bytes.subarray(10 + bytes.readUInt16LE(8))).buffer)
}
