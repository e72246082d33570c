/**
 * Compares every layer of well-known networks, as the importers read them, with the framework's own output of it.
 *
 *     node scripts/study/known-networks.ts [NETWORK ...]
 *
 * scripts/study/known_networks.py makes each network with random weights in its own formats; PYTHON names the
 * interpreter with the frameworks (default python3). Each model then goes through what the product does with one: the
 * channel responses of all layers, a heatmap of a middle layer, and a removal of channels, which is checked against the
 * full pass. Prints one line per model file, and exits 1 where a layer differs, where too few of the layers have a
 * counterpart, or where anything is refused. Needs 2 GB in the folder for temporary files, which it gives back.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { featureLayout, locate, type FeatureLayout } from '../../src/core/features.ts'
import { layersOf, resolveLayerSet } from '../../src/core/layers.ts'
import { decodeNpy } from '../../src/core/npy.ts'
import { shuffledIndexes } from '../../src/core/random.ts'
import { openModel } from '../../src/main/importers/index.ts'
import { channelResponses } from '../../src/main/model/channel-responses.ts'
import { integersOf } from '../../src/main/model/download.ts'
import { startEngine } from '../../src/main/model/engine.ts'
import { ImagePass } from '../../src/main/model/image-pass.ts'
import { Network } from '../../src/main/model/network.ts'
import { SharedAblation } from '../../src/main/model/shared-ablation.ts'
import { reasonOf } from '../../src/shared/errors.ts'

const NETWORKS = [
  'keras-vgg16',
  'keras-resnet50',
  'keras-mobilenet',
  'keras-mobilenet-v2',
  'keras-inception-v3',
  'torch-alexnet',
  'torch-vgg16',
  'torch-resnet50',
  'torch-mobilenet-v2',
  'torch-mobilenet-v3-small',
  'torch-squeezenet1-1',
  'torch-inception-v3',
  'torch-googlenet',
]
/** Largest difference, relative to the largest value of the layer. */
const ALLOWED = 1e-4
/** Share of the layers that must have a counterpart. */
const COMPARED = 0.5
/** Images of the steps behind the comparison. */
const IMAGES = 4
/** Random channels of all layers that are removed after every other channel of the first layer. */
const MORE_REMOVED = 1024

/** What the framework has of one model file. */
interface ModelFile {
  readonly path: string
  readonly kind: string
  readonly values: string
  readonly layers: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly logits: readonly number[]
}

/** Size of the model; seconds to open it; layers of the product, and those with a counterpart. */
const HEADINGS = ['network', 'format', 'MB', 's', 'layers', 'compared', 'worst layer', 'differs', 'logits', 'steps']
const rows: string[][] = []
const faults: string[] = []
const asked = process.argv.slice(2)
const engine = await startEngine()
console.log(`${engine.name} ${engine.version}; differences are relative to the largest value of the layer.`)
for (const name of asked.length > 0 ? asked : NETWORKS) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vebi-network-'))
  try {
    const program = path.join(import.meta.dirname, 'known_networks.py')
    const made = spawnSync(process.env['PYTHON'] ?? 'python3', [program, name, folder], { encoding: 'utf8' })
    if (made.error || made.status !== 0) {
      faults.push(`${name} could not be made: ${(made.error?.message ?? made.stderr).trim().split('\n').at(-1)}`)
      continue
    }
    const about = JSON.parse(readFileSync(path.join(folder, 'files.json'), 'utf8')) as {
      framework: string
      files: readonly ModelFile[]
    }
    console.log(`${name}: ${about.framework}`)
    for (const file of about.files) {
      try {
        rows.push([name, file.kind, ...(await examine(name, folder, file))])
      } catch (error) {
        faults.push(`${name}, ${file.kind}: ${reasonOf(error)}`)
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
printTable()
for (const fault of faults) console.log(fault)
if (faults.length > 0) process.exitCode = 1

/** The rest of the file's line. */
async function examine(name: string, folder: string, file: ModelFile): Promise<string[]> {
  const megabytes = readdirSync(folder)
    .filter((entry) => entry.startsWith(file.path) && entry !== file.values)
    .reduce((sum, entry) => sum + statSync(path.join(folder, entry)).size / 2 ** 20, 0)
  const start = performance.now()
  const graph = await openModel(path.join(folder, file.path))
  const seconds = (performance.now() - start) / 1000
  const image = floats(path.join(folder, 'image.npy'))
  const expected = valuesOf(folder, file)
  const network = new Network(graph)
  try {
    const { compared, worst, logits } = compareLayers(network, image, expected, file.logits)
    const layers = layersOf(graph).length
    const fault = (reason: string): number => faults.push(`${name}, ${file.kind}: ${reason}`)
    if (!(worst.difference <= ALLOWED)) fault(`layer "${worst.name}" differs by ${worst.difference.toExponential(1)}.`)
    if (!(logits <= ALLOWED)) fault(`the logits differ by ${logits.toExponential(1)}.`)
    if (compared < COMPARED * layers) fault(`only ${compared} of ${layers} layers have a counterpart by name.`)
    let steps = 'ok'
    try {
      goThrough(network, image, expected)
    } catch (error) {
      steps = 'fail'
      fault(reasonOf(error))
    }
    const numbers = [worst.difference, logits].map((value) => value.toExponential(1))
    return [megabytes.toFixed(0), seconds.toFixed(1), `${layers}`, `${compared}`, worst.name, ...numbers, steps]
  } finally {
    network.dispose()
  }
}

/** The framework's values by the name of the layer. */
function valuesOf(folder: string, { values, layers }: ModelFile): Map<string, Float32Array> {
  const all = floats(path.join(folder, values))
  const named = new Map<string, Float32Array>()
  let offset = 0
  for (const { name, shape } of layers) {
    const size = shape.reduce((product, length) => product * length, 1)
    named.set(name, all.subarray(offset, offset + size))
    offset += size
  }
  return named
}

function compareLayers(
  network: Network,
  image: Float32Array,
  expected: ReadonlyMap<string, Float32Array>,
  logits: readonly number[],
) {
  const { graph } = network
  const input = network.upload(image, 1)
  const layers = layersOf(graph)
  const outputs = network.forward(input, { keep: [...layers.map(({ node }) => node), graph.output] })
  let compared = 0
  let worst = { name: '', difference: -1 }
  try {
    for (const { node, name } of layers) {
      const values = expected.get(name)
      if (!values) continue
      compared++
      const difference = differenceOf(outputs.get(node)!.dataSync<'float32'>(), values)
      if (!(difference <= worst.difference)) worst = { name, difference }
    }
    const scores = outputs.get(graph.output)!.dataSync<'float32'>()
    return { compared, worst, logits: differenceOf(scores, Float32Array.from(logits)) }
  } finally {
    tf.dispose([input, ...outputs.values()])
  }
}

/** Largest difference relative to the largest expected value; infinite where the sizes differ. */
function differenceOf(found: ArrayLike<number>, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity
  let difference = 0
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(expected[i] - found[i])
    if (!(distance <= difference)) difference = distance
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  return difference / largest
}

/** What the product does with a network, on a few images. Throws a sentence where a number is wrong. */
function goThrough(network: Network, image: Float32Array, expected: ReadonlyMap<string, Float32Array>): void {
  const { graph } = network
  const chosen = new Set(resolveLayerSet(graph, 'All').nodes)
  const layout = featureLayout(layersOf(graph).filter(({ node }) => chosen.has(node)))
  const images = variations(image)
  const { norms } = channelResponses(network, images, IMAGES, layout)
  checkResponses(norms, layout, expected)
  checkHeatmap(network, images, norms, layout)
  checkRemoval(network, images, layout)
}

/** The image and others made of it, `[IMAGES, ...image]`. */
function variations(image: Float32Array): Float32Array {
  const images = new Float32Array(IMAGES * image.length)
  for (let copy = 0; copy < IMAGES; copy++) {
    const begin = Math.floor((copy * image.length) / IMAGES)
    images.set(image.subarray(begin), copy * image.length)
    images.set(image.subarray(0, begin), (copy + 1) * image.length - begin)
  }
  return images
}

/** The channels' norms of the first image are those of the framework's values. */
function checkResponses(norms: Float32Array, layout: FeatureLayout, expected: ReadonlyMap<string, Float32Array>): void {
  for (const { name, offset, channels } of layout.layers) {
    const values = expected.get(name)
    if (!values) continue
    const squares = new Float64Array(channels)
    values.forEach((value, i) => (squares[i % channels] += value * value))
    const difference = differenceOf(norms.subarray(offset, offset + channels), Float32Array.from(squares, Math.sqrt))
    if (!(difference <= ALLOWED)) {
      throw new Error(`the channel norms of "${name}" differ by ${difference.toExponential(1)}.`)
    }
  }
}

/** A guided heatmap of the strongest channel of the middle layer. */
function checkHeatmap(network: Network, images: Float32Array, norms: Float32Array, layout: FeatureLayout): void {
  const { node, name, offset, channels } = layout.layers[Math.floor(layout.layers.length / 2)]
  const ofLayer = norms.subarray(offset, offset + channels)
  const channel = ofLayer.indexOf(Math.max(...ofLayer))
  const pass = new ImagePass(network, images, IMAGES, [node])
  try {
    for (const strideCorrection of ['none', 'conv+pool'] as const) {
      const map = pass.heatmaps(node, [0], [channel], { rule: 'guided', strideCorrection }, 'max-abs')
      if (!map.every(Number.isFinite) || map.every((value) => value === 0)) {
        throw new Error(`the guided heatmap of channel ${channel} of "${name}" is empty or not finite.`)
      }
    }
  } finally {
    pass.dispose()
  }
}

/** The classes after removing channels are those of the full pass with the channels at zero. */
function checkRemoval(network: Network, images: Float32Array, layout: FeatureLayout): void {
  // Alone, channels of one layer show how zeros are carried on; behind a second layer everything is computed anew.
  const first = Array.from({ length: Math.ceil(layout.layers[0].channels / 2) }, (_, place) => 2 * place)
  const others = shuffledIndexes(layout.size, 1).filter((feature) => !first.includes(feature))
  const sequence = Int32Array.from([...first, ...others.slice(0, MORE_REMOVED)])
  const steps = [first.length, sequence.length]
  const shared = SharedAblation.of(network, images, IMAGES, layout, { kind: 'zero' })
  try {
    shared.curve(sequence, steps).forEach((found, step) => {
      const whole = fullPass(network, images, layout, sequence.subarray(0, steps[step]))
      if (!found.every((winner, i) => winner === whole[i])) {
        const classes = `${found.join(', ')}, where the full pass gives ${whole.join(', ')}`
        throw new Error(`with ${steps[step]} channels removed the classes are ${classes}.`)
      }
    })
  } finally {
    shared.dispose()
  }
}

/** The predicted classes with these features at zero. */
function fullPass(network: Network, images: Float32Array, layout: FeatureLayout, features: Int32Array): Int32Array {
  const { graph } = network
  const masks = new Map<number, Float32Array>()
  for (const feature of features) {
    const { layer, channel } = locate(layout, feature)
    if (!masks.has(layer.node)) masks.set(layer.node, new Float32Array(layer.channels).fill(1))
    masks.get(layer.node)![channel] = 0
  }
  const input = network.upload(images, IMAGES)
  const outputs = network.forward(input, {
    keep: [graph.output],
    visit({ id }, output) {
      const mask = masks.get(id)
      return mask && tf.tidy(() => tf.mul(output, tf.tensor1d(mask)))
    },
  })
  try {
    return integersOf(() => tf.argMax(tf.reshape(outputs.get(graph.output)!, [IMAGES, network.classCount]), 1))
  } finally {
    tf.dispose([input, ...outputs.values()])
  }
}

function floats(file: string): Float32Array {
  return Float32Array.from(decodeNpy(readFileSync(file), file).data)
}

function printTable(): void {
  const table = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column].length)))
  for (const row of table) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
}
