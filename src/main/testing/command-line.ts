import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { BackwardRule, StrideCorrection } from '../../shared/graph.ts'
import { sizeOf, type Matrix } from '../../shared/matrix.ts'
import { floatWeight, temporaryFolder, writeModel } from '../importers/testing/write-model.ts'
import { writeNpy } from '../tools.ts'

/** What PyTorch and scikit-learn give for the commands on single files (scripts/golden/command_line.py). */
interface Golden {
  input: number[]
  layers: { name: string; class: string; inputs: string[]; settings: Record<string, unknown> }[]
  weights: Record<string, { shape: number[]; '256ths': number[] }>
  images: { count: number; '256ths': number[] }
  outputs: Record<string, { shape: number[]; values: number[] }>
  responses: { shape: number[]; values: number[] }
  heatmaps: (Start & { largest: number; values: number[] })[]
  wholeSignal: Start & { signal: number[]; norm: number[] }
  lasso: {
    mu: number
    nonnegative: boolean
    features: number
    images: number
    thousandths: number[]
    labels: number[][]
    objectives: number[]
    weights: number[][]
  }[]
}

/** Where a heatmap starts and how it goes back. */
export interface Start {
  layer: string
  channel: number
  rule: BackwardRule
  stride: StrideCorrection
}

const stored = new URL('../../../scripts/golden/command_line.json', import.meta.url)
export const golden = JSON.parse(readFileSync(stored, 'utf8')) as Golden
/** Both images, `[2, 13, 12, 3]`. */
export const pixels = Float32Array.from(golden.images['256ths'], (value) => value / 256)

const imageSize = sizeOf(golden.input)

/** Runs bin/vebi.mjs in a process of its own, on the engine that starts fastest. */
export function vebi(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.resolve(import.meta.dirname, '../../../bin/vebi.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env: { ...process.env, VEBI_ENGINE: 'cpu' },
  })
  return { status, stdout, stderr }
}

interface ExampleFiles {
  /** A temporary folder, which goes when the running test ends; the model's. */
  readonly folder: string
  readonly model: string
  readonly images: string
  readonly firstImage: string
}

/** The network of the golden values as a TF.js LayersModel, both of its images, and the first alone. */
export async function exampleFiles(): Promise<ExampleFiles> {
  const weights = Object.entries(golden.weights).map(([name, { shape, '256ths': values }]) =>
    floatWeight(name, shape, Float32Array.from(values, (value) => value / 256)),
  )
  const layers = golden.layers.map(({ name, class: className, inputs, settings }) => ({
    name,
    class_name: className,
    config: { name, ...settings, ...(inputs.length === 0 ? { batch_input_shape: [null, ...golden.input] } : {}) },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((source) => [source, 0, 0, {}])],
  }))
  const last = layers.at(-1)!.name
  const config = { name: 'net', layers, input_layers: [['image', 0, 0]], output_layers: [[last, 0, 0]] }
  const model = await writeModel({ class_name: 'Functional', config }, weights)
  const images = path.join(model, 'images.npy')
  const firstImage = path.join(model, 'first-image.npy')
  await writeNpy(images, { shape: [golden.images.count, ...golden.input], data: pixels })
  await writeNpy(firstImage, { shape: [1, ...golden.input], data: pixels.slice(0, imageSize) })
  return { folder: model, model, images, firstImage }
}

export async function lassoFiles(problem: Golden['lasso'][number]): Promise<{ X: string; L: string }> {
  const folder = await temporaryFolder()
  const files = { X: path.join(folder, 'X.npy'), L: path.join(folder, 'L.npy') }
  const data = Float64Array.from(problem.thousandths, (value) => value / 1000)
  await writeNpy(files.X, { shape: [problem.features, problem.images], data })
  const labels = Uint8Array.from(problem.labels.flat())
  await writeNpy(files.L, { shape: [problem.labels.length, problem.images], data: labels })
  return files
}

/** Weights `[m, C]` of one class. */
export function column(weights: Matrix, j: number): number[] {
  const [rows, columns] = weights.shape as [number, number]
  return Array.from({ length: rows }, (_, k) => weights.data[k * columns + j])
}

/** Code and sentence of the refusal, the folder's path left out. */
export async function refusal(work: Promise<unknown>, folder?: string): Promise<[string, string]> {
  const error = await work.then(
    () => ({ code: 'none', message: 'It was accepted.' }),
    (reason: { code: string; message: string }) => reason,
  )
  return [error.code, folder ? error.message.replaceAll(folder + path.sep, '') : error.message]
}

export function matrix(shape: readonly number[], value: number): Matrix {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) }
}

export function expectClose(
  actual: Matrix,
  expected: { shape: readonly number[]; values: readonly number[] },
  tolerance: number,
  title = '',
): void {
  expect(actual.shape).toEqual(expected.shape)
  expect(actual.data).toHaveLength(expected.values.length)
  let worst = 0
  expected.values.forEach((value, i) => {
    const difference = Math.abs(actual.data[i] - value)
    worst = difference <= worst ? worst : difference
  })
  expect(worst, title).toBeLessThan(tolerance)
}

