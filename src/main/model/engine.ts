import { createRequire } from 'node:module'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { reasonOf, VebiError } from '../../shared/errors.ts'

/** Fastest first. */
export const ENGINE_NAMES = ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export interface Engine {
  readonly name: EngineName
  /** Version of the library that computes: TensorFlow's, or tfjs' for WASM and CPU. */
  readonly version: string
  /** Faster engines that were tried and why they do not run, one sentence each. */
  readonly notes: readonly string[]
}

/** What a person enters to get native TensorFlow. */
export const SETUP_COMMAND = 'npm run setup'

const require = createRequire(import.meta.url)
let running: Promise<Engine> | undefined

/**
 * Starts the fastest engine that works, or exactly the one asked for (`VEBI_ENGINE` or the argument).
 * A process has one engine: later calls return the first.
 * @throws VebiError `bad-argument` for an unknown name, `unsupported` when the engine asked for does not start.
 */
export function startEngine(preferred = process.env['VEBI_ENGINE']): Promise<Engine> {
  running ??= pickEngine(preferred)
  return running
}

/** Whether the GPU build of tfjs-node is installed; it is not among Vebi's dependencies. */
export function hasGpuBuild(): boolean {
  try {
    require.resolve('@tensorflow/tfjs-node-gpu/package.json')
    return true
  } catch {
    return false
  }
}

async function pickEngine(preferred: string | undefined): Promise<Engine> {
  const notes: string[] = []
  for (const name of candidates(preferred)) {
    try {
      return { name, version: await starters[name](), notes }
    } catch (error) {
      notes.push(startFailure(name, reasonOf(error)))
    }
  }
  throw new VebiError('unsupported', `No engine starts. ${notes.join(' ')}`)
}

function candidates(preferred: string | undefined): readonly EngineName[] {
  // Without the GPU build its absence is the normal case, not something to report.
  if (!preferred) return ENGINE_NAMES.filter((name) => name !== 'tensorflow-gpu' || hasGpuBuild())
  const asked = ENGINE_NAMES.find((name) => name === preferred)
  if (asked) return [asked]
  throw new VebiError('bad-argument', `Unknown engine "${preferred}": choose one of ${ENGINE_NAMES.join(', ')}.`)
}

/** One sentence: why an engine does not start, and the command that mends it where one does. */
export function startFailure(name: EngineName, reason: string): string {
  const line = (reason.split('\n')[0] ?? '').trim().replace(/[.:]$/, '')
  const remedy: Record<EngineName, string> = {
    'tensorflow-gpu': '; "npm install --no-save @tensorflow/tfjs-node-gpu" installs it, and CUDA must be there',
    tensorflow: `; "${SETUP_COMMAND}" sets it up`,
    wasm: '',
    cpu: '',
  }
  return `${name} does not start: ${line}${remedy[name]}.`
}

async function startNative(packageName: string): Promise<string> {
  // tfjs-node 4.22 calls two helpers that Node removed in version 23.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  const library = require(packageName) as { version: { 'tfjs-node': string } }
  if (tf.getBackend() !== 'tensorflow' && !(await tf.setBackend('tensorflow'))) {
    throw new Error('tfjs-node registered no backend')
  }
  const backend = tf.backend() as unknown as { binding?: { TF_Version?: string } }
  return backend.binding?.TF_Version ?? library.version['tfjs-node']
}

/** WASM uses SIMD wherever Node does; its threads stay off, because the package starts none in Node. */
async function startPortable(packageName: string, backendName: 'wasm' | 'cpu'): Promise<string> {
  require(packageName)
  if (!(await tf.setBackend(backendName))) throw new Error(`the ${backendName} backend does not start`)
  await tf.ready()
  return tf.version_core
}

const starters: Record<EngineName, () => Promise<string>> = {
  'tensorflow-gpu': () => startNative('@tensorflow/tfjs-node-gpu'),
  tensorflow: () => startNative('@tensorflow/tfjs-node'),
  wasm: () => startPortable('@tensorflow/tfjs-backend-wasm', 'wasm'),
  cpu: () => startPortable('@tensorflow/tfjs-backend-cpu', 'cpu'),
}
