import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { writeLargeOnnx, writeLargeTfjs } from './large-models.ts'
import { medianRatio, seconds, skipped, type Measurement } from './measurement.ts'

const MOST_TIMES_READING = 2
const MOST_TIMES_SIZE = 2.5
const MOST_REPORT_SECONDS = 1
const LAYERS = 200
/** Bytes that a large model and what the system needs beside it take on the disk. */
const ROOM = 2e9

interface Round {
  readonly read: number
  readonly open: number
  readonly report: number
  /** Whether what was read came from the disk, not from memory. */
  readonly fromDisk: boolean
}

/** Opening models of 553 MB beside reading their bytes, the memory that takes, and the report of many layers. */
export function measureOpening(folder: string): Measurement[] {
  mkdirSync(join(folder, 'opening'))
  const formats = [
    { name: 'TF.js', location: join(folder, 'opening', 'large-tfjs'), write: writeLargeTfjs },
    { name: 'ONNX', location: join(folder, 'opening', 'large.onnx'), write: writeLargeOnnx },
  ]
  const large = formats.flatMap(({ name, location, write }) => measureFormat(folder, name, location, write))
  return [...large, measureReport(folder)]
}

function measureFormat(
  folder: string,
  name: string,
  location: string,
  write: (location: string) => string[],
): Measurement[] {
  const labels = [
    `opening of a large ${name} model / reading it`,
    `memory to open a large ${name} model / its size`,
  ] as const
  const promises = [`at most ${MOST_TIMES_READING}`, `at most ${MOST_TIMES_SIZE}`] as const
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < ROOM) {
    const reason = `${folder} has less than ${ROOM / 1e9} GB of room`
    return labels.map((label, index) => skipped(label, promises[index], reason))
  }
  try {
    const files = write(location)
    // What is not yet on the disk cannot be dropped from memory.
    for (const file of files) syncFile(file)
    const size = files.reduce((sum, file) => sum + statSync(file).size, 0)
    const rounds = run<Round[]>([location, ...files])
    const times = (part: 'read' | 'open') => rounds.map((round) => round[part])
    const ratio = medianRatio(times('open'), times('read'))
    const speed: Measurement = {
      name: labels[0],
      value: ratio.toFixed(2),
      promise: promises[0],
      kept: ratio <= MOST_TIMES_READING,
      note:
        `${seconds(times('open'))} / ${seconds(times('read'))} for ${megabytes(size)}, ` +
        (rounds.every(({ fromDisk }) => fromDisk) ? 'both from the disk' : 'both from the page cache'),
    }
    if (!existsSync('/proc/self/status')) {
      return [speed, skipped(labels[1], promises[1], 'this system has no /proc that tells the peak memory')]
    }
    const { bytes } = run<{ bytes: number }>(['--memory', location])
    const kept = bytes / size <= MOST_TIMES_SIZE
    const note = `${megabytes(bytes)} in both processes for ${megabytes(size)}`
    return [speed, { name: labels[1], value: (bytes / size).toFixed(2), promise: promises[1], kept, note }]
  } finally {
    rmSync(location, { recursive: true, force: true })
  }
}

function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** The time from the opened graph to its report. */
function measureReport(folder: string): Measurement {
  const location = join(folder, 'opening', 'deep')
  mkdirSync(location)
  const weights: { name: string; shape: number[]; dtype: string }[] = []
  const layers: unknown[] = [
    { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, 32, 32, 3] } },
  ]
  for (let layer = 1; layer < LAYERS; layer++) {
    const name = `conv${layer}`
    const config = { name, filters: 8, kernel_size: 3, padding: 'same', activation: 'relu' }
    layers.push({ class_name: 'Conv2D', config })
    weights.push({ name: `${name}/kernel`, shape: [3, 3, layer === 1 ? 3 : 8, 8], dtype: 'float32' })
    weights.push({ name: `${name}/bias`, shape: [8], dtype: 'float32' })
  }
  layers.push({ class_name: 'GlobalAveragePooling2D', config: { name: 'pool' } })
  layers.push({ class_name: 'Dense', config: { name: 'classes', units: 10, activation: 'softmax' } })
  weights.push({ name: 'classes/kernel', shape: [8, 10], dtype: 'float32' })
  weights.push({ name: 'classes/bias', shape: [10], dtype: 'float32' })
  const values = weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  const modelTopology = { class_name: 'Sequential', config: { name: 'deep', layers } }
  writeFileSync(join(location, 'weights.bin'), new Uint8Array(new Float32Array(values).fill(0.01).buffer))
  writeFileSync(
    join(location, 'model.json'),
    JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights }] }),
  )
  const rounds = run<Round[]>([location, join(location, 'weights.bin')])
  const slowest = Math.max(...rounds.map(({ report }) => report))
  return {
    name: `report of a network of ${LAYERS} layers, once it is open`,
    value: `${(1000 * slowest).toFixed(0)} ms`,
    promise: `below ${MOST_REPORT_SECONDS} s`,
    kept: slowest < MOST_REPORT_SECONDS,
    note: `the slowest of ${rounds.length}; opening takes ${seconds(rounds.map(({ open }) => open))}`,
  }
}

function run<Result>(options: readonly string[]): Result {
  const script = join(import.meta.dirname, 'open-once.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`open-once.ts failed: ${stderr}`)
  return JSON.parse(stdout) as Result
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
