import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { encodeNpy } from '../../src/core/npy.ts'
import { withProject } from '../../src/main/app.ts'
import { batches } from '../../src/main/data/batches.ts'
import { BATCH_IMAGES, extract } from '../../src/main/jobs/extraction.ts'
import type { Project } from '../../src/main/jobs/project.ts'
import { batchSizeFor } from '../../src/main/model/network.ts'
import { makeProject, quiet, unpackedFiles } from './fixtures.ts'
import { interleaved, medianRatio, seconds, secondsOf, skipped, type Measurement } from './measurement.ts'

const MOST_RATIO = 1.5
const BARE = 'extraction / bare forward pass'
const BARE_PROMISE = `at most ${MOST_RATIO}`
const TORCH = 'PyTorch with forward hooks / extraction'
const TORCH_PROMISE = 'at least 1'
const LEAKS = 'tensors more or less after each batch'
const LEAKS_PROMISE = '0'

/** What the PyTorch program prints. */
interface TorchRun {
  readonly version: string
  readonly seconds: number
  readonly gramTrace: number
}

/**
 * Extraction of everything (decoding, forward pass, responses, top lists, Gram matrix, durable storage) against the
 * bare forward pass (upload, forward, download of the scores) on the same images in the same batches, and against a
 * PyTorch program that extracts and stores the same. All three take turns.
 */
export async function measureExtraction(
  folder: string,
  model: string,
  images: number,
  repeats: number,
): Promise<Measurement[]> {
  const path = await makeProject(folder, model, images)
  return withProject(path, {}, async (project) => {
    const batchSize = batchSizeFor(project.graph, BATCH_IMAGES)
    const torch = preparePyTorch(project, folder, images, batchSize)
    const bare: Timed[] = []
    const extraction: Timed[] = []
    const torchRuns: TorchRun[] = []
    let refusal = ''
    const tensors = new Set<number>()
    await bareForward(project, batchSize)
    await interleaved(
      {
        bare: async () => bare.push(await bareForward(project, batchSize)),
        extraction: async () => extraction.push(await extractAnew(project, tensors)),
        torch: () => {
          const run = refusal ? refusal : torch()
          if (typeof run === 'string') refusal = run
          else torchRuns.push(run)
        },
      },
      repeats,
    )
    const [wall, bareWall] = [extraction, bare].map((runs) => runs.map((run) => run.seconds))
    const ratio = medianRatio(wall, bareWall)
    const [processor, bareProcessor] = [extraction, bare].map((runs) => runs.map((run) => run.processorSeconds))
    const counted = `${images} images, ${repeats} rounds, batches of ${batchSize}`
    const measurements: Measurement[] = [
      {
        name: BARE,
        value: ratio.toFixed(2),
        promise: BARE_PROMISE,
        kept: ratio <= MOST_RATIO,
        note:
          `${seconds(wall)} / ${seconds(bareWall)}; processor time ${medianRatio(processor, bareProcessor).toFixed(2)} ` +
          `(${seconds(processor)} / ${seconds(bareProcessor)}); ${counted}`,
      },
      {
        name: LEAKS,
        value: String(Math.max(...tensors) - Math.min(...tensors)),
        promise: LEAKS_PROMISE,
        kept: tensors.size === 1,
        note: `${[...tensors].join(', ')} live tensors between batches`,
      },
    ]
    if (refusal) return [...measurements, skipped(TORCH, TORCH_PROMISE, refusal)]
    const faster = medianRatio(
      torchRuns.map((run) => run.seconds),
      wall,
    )
    const traces = [torchRuns[0].gramTrace, gramTrace(project)]
    const difference = Math.abs(traces[0] / traces[1] - 1)
    return [
      ...measurements,
      {
        name: TORCH,
        value: faster.toFixed(2),
        promise: TORCH_PROMISE,
        kept: faster >= 1 && difference < 1e-5,
        note:
          `${seconds(torchRuns.map((run) => run.seconds))} / ${seconds(wall)}, PyTorch ${torchRuns[0].version}; ` +
          `traces of the Gram matrices differ by ${difference.toExponential(1)} of their size`,
      },
    ]
  })
}

/** One run: what passes on the clock, and on all cores together. */
interface Timed {
  readonly seconds: number
  readonly processorSeconds: number
}

/** Upload, forward pass and download of the scores; decoding is not counted. */
async function bareForward({ network, train, config }: Project, batchSize: number): Promise<Timed> {
  let milliseconds = 0
  let processorSeconds = 0
  for await (const { data, indexes } of batches(train, config.preprocessing, { batchSize })) {
    const start = performance.now()
    const before = process.cpuUsage()
    const input = network.upload(data, indexes.length)
    const scores = network.scores(input)
    scores.dataSync()
    tf.dispose([input, scores])
    milliseconds += performance.now() - start
    processorSeconds += processorSecondsSince(before)
  }
  return { seconds: milliseconds / 1000, processorSeconds }
}

/** An extraction into an empty store; emptying it is not counted. */
async function extractAnew(project: Project, tensors: Set<number>): Promise<Timed> {
  for (const artifact of project.store.artifacts.list()) project.store.artifacts.remove(artifact)
  const report = (): void => {
    tensors.add(tf.memory().numTensors)
  }
  const before = process.cpuUsage()
  const taken = await secondsOf(() => extract(project, { preset: 'paper', layers: 'All' }, { ...quiet, report }))
  return { seconds: taken, processorSeconds: processorSecondsSince(before) }
}

function processorSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function gramTrace({ store }: Project): number {
  const [statistics] = store.artifacts.list({ kind: 'statistics' })
  let trace = 0
  let row = 0
  for (const part of store.artifacts.parts(statistics)) {
    if (!store.artifacts.arrays(statistics, part).some(({ name }) => name === 'gram')) continue
    const { shape, data } = store.artifacts.read(statistics, part, 'gram', 'float64')
    for (let i = 0; i < shape[0]; i++, row++) trace += data[i * shape[1] + row]
  }
  return trace
}

/** Writes the weights for the PyTorch program and returns a function that runs it once, or says why it does not run. */
function preparePyTorch(project: Project, folder: string, images: number, batchSize: number): () => TorchRun | string {
  const weights = join(folder, 'weights')
  for (const node of project.graph.nodes) {
    if (node.op !== 'conv2d' && node.op !== 'dense') continue
    for (const part of ['kernel', 'bias'] as const) {
      const { shape, data } = node.spec[part]!
      writeFileSync(`${weights}-${node.name}-${part}.npy`, encodeNpy({ shape, data }))
    }
  }
  const program = join(import.meta.dirname, 'extraction.py')
  const interpreter = process.env['PYTHON'] ?? 'python3'
  return () => {
    const unpacked = unpackedFiles(folder, images)
    const run = spawnSync(interpreter, [program, unpacked.images, unpacked.labels, weights, String(batchSize)], {
      encoding: 'utf8',
    })
    if (run.error || run.status !== 0) {
      const reason = (run.stderr ?? '').trim().split('\n').at(-1)
      return reason || (run.error?.message ?? `${interpreter} ended with ${run.status}`)
    }
    return JSON.parse(run.stdout) as TorchRun
  }
}
