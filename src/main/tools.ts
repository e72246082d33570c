import { readFile, writeFile } from 'node:fs/promises'
import { locate, type FeatureLayout } from '../core/features.ts'
import { layersOf, type Layer } from '../core/layers.ts'
import { decodeNpy, encodeNpy } from '../core/npy.ts'
import { certify, type LassoCertificate } from '../core/selection/certificate.ts'
import { solveLasso, type LassoSolution } from '../core/selection/lasso.ts'
import { reasonOf, VebiError } from '../shared/errors.ts'
import type { BackwardRule, Graph, StrideCorrection } from '../shared/graph.ts'
import type { Matrix } from '../shared/matrix.ts'
import type { PreprocessingOverrides } from '../shared/project-info.ts'
import { preprocessingFor } from './app.ts'
import { decodeImage } from './data/decode.ts'
import { readWhole } from './data/files.ts'
import { preprocess } from './data/preprocess.ts'
import type { Preprocessing } from './data/types.ts'
import { openForeignModel } from './importers/isolated/index.ts'
import { layoutOf } from './jobs/project.ts'
import { channelResponses } from './model/channel-responses.ts'
import { startEngine } from './model/engine.ts'
import { ImagePass, type ColourReduction } from './model/image-pass.ts'
import { batchSizeFor, Network } from './model/network.ts'

/**
 * Single steps on single files, without a project: they let anyone hold VEBI against NumPy, PyTorch or scikit-learn.
 * Arrays are .npy files with the image axis first; a single image file counts as an array of one image.
 */

interface Images {
  /** `[count, ...inputShape]`. */
  readonly data: Float32Array
  readonly count: number
}

export async function readNpy(file: string): Promise<Matrix> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new VebiError('missing-file', `${file} does not exist.`)
    throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`)
  }
  return decodeNpy(bytes, file)
}

export async function writeNpy(file: string, matrix: Matrix): Promise<void> {
  try {
    await writeFile(file, encodeNpy(matrix))
  } catch (error) {
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw new VebiError(full ? 'disk-full' : 'bad-file', `${file} cannot be written: ${reasonOf(error)}.`)
  }
}

/** An image file is preprocessed as a whole; an array must have the input's size, and only its values are scaled. */
async function readImages(graph: Graph, file: string, overrides: PreprocessingOverrides): Promise<Images> {
  const shape = graph.nodes[0].shape
  if (!file.toLowerCase().endsWith('.npy')) {
    const preprocessing = preprocessingFor(graph, overrides)
    return { data: preprocess(await decodeImage(await readWhole(file, file), file), preprocessing), count: 1 }
  }
  const { shape: given, data } = await readNpy(file)
  const perImage = shape.reduce((product, size) => product * size, 1)
  const count = data.length / perImage
  // [height, width, 1] and [height, width] are the same image, and one image needs no image axis.
  const trimmed = (sizes: readonly number[]): string =>
    sizes.filter((size, axis) => axis === 0 || size !== 1 || axis < sizes.length - 1).join('x')
  const fits = [[count, ...shape], shape].some(
    (wanted) => given.join('x') === wanted.join('x') || trimmed(given) === trimmed(wanted),
  )
  if (!Number.isInteger(count) || count < 1 || !fits) {
    throw new VebiError(
      'bad-data',
      `${file} has shape [${given.join(', ')}]; the model takes [images, ${shape.join(', ')}].`,
    )
  }
  const values = Float32Array.from(data)
  if (Object.keys(overrides).length > 0) scaleValues(values, preprocessingFor(graph, overrides))
  return { data: values, count }
}

function scaleValues(values: Float32Array, { channels, scale, mean, std }: Preprocessing): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] * scale - mean[i % channels]) / std[i % channels]
}

async function withNetwork<Result>(
  model: string,
  work: (network: Network, graph: Graph) => Promise<Result>,
): Promise<Result> {
  const graph = await openForeignModel(model)
  await startEngine()
  const network = new Network(graph)
  try {
    return await work(network, graph)
  } finally {
    network.dispose()
  }
}

/** A layer by number or by name. */
export function layerNamed(graph: Graph, text: string): Layer {
  const layers = layersOf(graph)
  const layer =
    layers.find((candidate) => candidate.name === text) ?? layers.find((candidate) => String(candidate.number) === text)
  if (layer) return layer
  throw new VebiError(
    'bad-argument',
    `The model has no layer "${text}": it has ${layers.map(({ number, name }) => `${number} ${name}`).join(', ')}.`,
  )
}

/** Output of a layer, or the class scores, `[images, ...shape]`. */
export function forwardImages(
  model: string,
  file: string,
  layer: string | undefined,
  overrides: PreprocessingOverrides,
): Promise<Matrix> {
  return withNetwork(model, async (network, graph) => {
    const images = await readImages(graph, file, overrides)
    const node = layer === undefined ? graph.output : layerNamed(graph, layer).node
    const rows: Float32Array[] = []
    for (const { data, count } of slices(network, images)) rows.push(network.output(data, count, node))
    return { shape: [images.count, ...graph.nodes[node].shape], data: concatenate(rows) }
  })
}

/** Channel norms `[images, m]` of all feature layers (method section 1), with what each column is. */
export function imageResponses(
  model: string,
  file: string,
  layers: string,
  overrides: PreprocessingOverrides,
): Promise<{ responses: Matrix; columns: { layer: number; name: string; channel: number }[] }> {
  return withNetwork(model, async (network, graph) => {
    const images = await readImages(graph, file, overrides)
    const layout = layoutOf(graph, layers)
    const rows: Float32Array[] = []
    for (const { data, count } of slices(network, images))
      rows.push(channelResponses(network, data, count, layout).norms)
    return { responses: { shape: [images.count, layout.size], data: concatenate(rows) }, columns: columnsOf(layout) }
  })
}

export interface HeatmapRequest {
  readonly model: string
  readonly file: string
  readonly layer: string
  readonly channel: number
  readonly rule: BackwardRule
  readonly strideCorrection: StrideCorrection
  readonly reduction: ColourReduction | 'none'
  readonly preprocessing: PreprocessingOverrides
}

/**
 * Raw heatmaps of one feature, `[images, height, width]`; with `none` the signal at the input, with its colours.
 * `max-abs` keeps the sign of the value of largest magnitude.
 */
export function featureHeatmaps(request: HeatmapRequest): Promise<Matrix> {
  return withNetwork(request.model, async (network, graph) => {
    const layer = layerNamed(graph, request.layer)
    if (request.channel >= layer.channels) {
      throw new VebiError(
        'bad-argument',
        `Layer "${layer.name}" has channels 0 to ${layer.channels - 1}, not ${request.channel}.`,
      )
    }
    const images = await readImages(graph, request.file, request.preprocessing)
    const method = { rule: request.rule, strideCorrection: request.strideCorrection }
    const rows: Float32Array[] = []
    for (const { data, count } of slices(network, images)) {
      const pass = new ImagePass(network, data, count, [layer.node])
      try {
        const all = Array.from({ length: count }, (_, row) => row)
        const channels = all.map(() => request.channel)
        rows.push(
          request.reduction === 'none'
            ? pass.signal(layer.node, all, channels, method)
            : pass.heatmaps(layer.node, all, channels, method, request.reduction),
        )
      } finally {
        pass.dispose()
      }
    }
    const input = network.inputShape
    return {
      shape: [images.count, ...(request.reduction === 'none' ? input : input.slice(0, 2))],
      data: concatenate(rows),
    }
  })
}

export interface LassoResult {
  /** `[m, C]`. */
  readonly weights: Matrix<Float64Array>
  readonly classes: readonly (LassoCertificate & { readonly method: LassoSolution['method'] })[]
}

/** The mu-Lasso on arrays: X `[m, N]`, L `[C, N]` (or `[N]` for one class). */
export async function solveFromArrays(
  files: { X: string; L: string },
  mu: number,
  nonnegative: boolean,
): Promise<LassoResult> {
  const X = await readNpy(files.X)
  const L = await readNpy(files.L)
  const [m, images] = X.shape as [number, number]
  const [classes, labelled] = (L.shape.length === 1 ? [1, L.shape[0]] : L.shape) as [number, number]
  if (X.shape.length !== 2 || L.shape.length > 2 || images !== labelled || m === 0 || images === 0) {
    throw new VebiError(
      'bad-data',
      `${files.X} has shape [${X.shape.join(', ')}] and ${files.L} [${L.shape.join(', ')}]; they must be [m, N] and [C, N].`,
    )
  }
  for (const [file, { data }] of [
    [files.X, X],
    [files.L, L],
  ] as const) {
    if (!data.every((value) => Number.isFinite(value)))
      throw new VebiError('bad-data', `${file} holds values that are not finite.`)
  }
  const rows = Array.from({ length: m }, (_, k) => Float64Array.from(X.data.subarray(k * images, (k + 1) * images)))
  const gram = new Float64Array(m * m)
  for (let i = 0; i < m; i++) {
    for (let k = i; k < m; k++) gram[i * m + k] = gram[k * m + i] = inner(rows[i], rows[k])
  }
  const weights = new Float64Array(m * classes)
  const found = Array.from({ length: classes }, (_, j) => {
    const label = Float64Array.from(L.data.subarray(j * images, (j + 1) * images))
    const problem = {
      gram,
      size: m,
      q: Float64Array.from(rows, (row) => inner(row, label)),
      labelNorm: inner(label, label),
      mu,
      nonnegative,
    }
    const solution = solveLasso(problem)
    for (let k = 0; k < m; k++) weights[k * classes + j] = solution.weights[k]!
    return { ...certify(problem, solution.weights), method: solution.method }
  })
  return { weights: { shape: [m, classes], data: weights }, classes: found }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function* slices(network: Network, { data, count }: Images): Generator<Images> {
  const perImage = data.length / count
  const batch = batchSizeFor(network.graph, 64)
  for (let begin = 0; begin < count; begin += batch) {
    const end = Math.min(count, begin + batch)
    yield { data: data.slice(begin * perImage, end * perImage), count: end - begin }
  }
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let next = 0
  for (const part of parts) {
    joined.set(part, next)
    next += part.length
  }
  return joined
}

function columnsOf(layout: FeatureLayout): { layer: number; name: string; channel: number }[] {
  return Array.from({ length: layout.size }, (_, feature) => {
    const { layer, channel } = locate(layout, feature)
    return { layer: layer.number, name: layer.name, channel }
  })
}
