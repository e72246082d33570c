import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { reasonOf } from '../shared/errors.ts'
import type { Advice, DoctorReport, Finding } from '../shared/engine-info.ts'
import { timeConvolution } from './model/benchmark.ts'
import type { Engine } from './model/engine.ts'
import { hasGpuBuild, SETUP_COMMAND, startEngine } from './model/engine.ts'

const root = path.resolve(import.meta.dirname, '..', '..')
const require = createRequire(import.meta.url)

/**
 * Looks at this machine: engine, versions, what is missing and how to get it. Starts the engine and measures one
 * convolution, which takes a second or two.
 */
export async function diagnose(): Promise<DoctorReport> {
  const engine = await startEngine()
  const gpuBuild = hasGpuBuild()
  const cpus = os.cpus()
  const [betterSqlite3, sqlite] = await findStore()
  const electron = findElectron()
  return {
    vebi: versionIn(path.join(root, 'package.json')),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}, ${os.release()}`,
    cpu: { model: cpus[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism() },
    memory: { totalBytes: os.totalmem(), freeBytes: os.freemem() },
    engine,
    gpuBuild,
    benchmark: await timeConvolution(),
    libraries: { 'better-sqlite3': betterSqlite3, sqlite, sharp: await findSharp(), electron },
    advice: [
      ...engineAdvice(engine, {
        gpuBuild,
        gpuDriver: hasGpuDriver(),
        oneDnnIdle: leavesOneDnnIdle(),
        forced: process.env['VEBI_ENGINE'],
        setup: lastSetup(),
      }),
      ...(betterSqlite3.ok ? [] : [{ reason: betterSqlite3.reason, command: 'npm ci' }]),
      ...(electron.ok ? [] : [{ reason: electron.reason, command: 'npx install-electron' }]),
    ],
  }
}

/** What the advice on the engine depends on. */
export interface EngineSurroundings {
  readonly gpuBuild: boolean
  /** Whether an NVIDIA driver is loaded. */
  readonly gpuDriver: boolean
  /** Whether native TensorFlow has kernels of oneDNN that it does not use by itself on this processor. */
  readonly oneDnnIdle: boolean
  /** The engine that was asked for, as in `VEBI_ENGINE`. */
  readonly forced: string | undefined
  /** The closing sentence of the last native set-up that failed or was skipped. */
  readonly setup: string | null
}

/** Why nothing faster runs, and the command that would change it; empty when the fastest engine runs. */
export function engineAdvice(engine: Engine, surroundings: EngineSurroundings): Advice[] {
  const { gpuBuild, gpuDriver, oneDnnIdle, forced, setup } = surroundings
  if (engine.name === 'tensorflow-gpu') return []
  if (forced) return [{ reason: `VEBI_ENGINE asks for the engine ${forced}.`, command: 'unset VEBI_ENGINE' }]
  const advice: Advice[] = []
  if (engine.name === 'tensorflow' && oneDnnIdle) {
    advice.push({
      reason:
        'On this processor TensorFlow uses its kernels of oneDNN only when told to. They are often faster; results ' +
        'then differ in their last digits.',
      command: 'export TF_ENABLE_ONEDNN_OPTS=1',
    })
  }
  if (engine.name !== 'tensorflow') {
    const note = engine.notes.find((line) => line.startsWith('tensorflow ')) ?? 'Native TensorFlow does not start.'
    advice.push({ reason: setup ?? note, command: SETUP_COMMAND })
  }
  if (gpuBuild) {
    const note = engine.notes.find((line) => line.startsWith('tensorflow-gpu ')) ?? 'The GPU build does not start.'
    advice.push({ reason: note, command: null })
  } else if (gpuDriver) {
    const command = 'npm install --no-save @tensorflow/tfjs-node-gpu'
    advice.push({ reason: 'There is an NVIDIA driver, but the GPU build of tfjs-node is not installed.', command })
  } else if (engine.name === 'tensorflow') {
    advice.push({ reason: 'No NVIDIA driver is loaded, so the GPU build of tfjs-node would not help.', command: null })
  }
  return advice
}

function versionIn(packageFile: string): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
}

async function findStore(): Promise<[Finding, Finding]> {
  try {
    // Loaded late, so that a missing native part is a finding and not the end of the doctor.
    const { storeVersions } = await import('./store/versions.ts')
    const { betterSqlite3, sqlite } = storeVersions()
    return [{ ok: true, version: betterSqlite3 }, { ok: true, version: sqlite }]
  } catch (error) {
    const finding: Finding = { ok: false, reason: `better-sqlite3 does not load: ${firstLine(error)}.` }
    return [finding, finding]
  }
}

async function findSharp(): Promise<Finding> {
  try {
    const { default: sharp } = await import('sharp')
    return { ok: true, version: `${sharp.versions.sharp ?? 'unknown'} (libvips ${sharp.versions.vips})` }
  } catch (error) {
    return { ok: false, reason: `sharp does not load: ${firstLine(error)}.` }
  }
}

/** Looks for the files only: loading the package would start a download where they are missing. */
function findElectron(): Finding {
  try {
    const folder = path.dirname(require.resolve('electron/package.json'))
    const version = versionIn(path.join(folder, 'package.json'))
    const marker = path.join(folder, 'path.txt')
    if (existsSync(marker) && existsSync(path.join(folder, 'dist', readFileSync(marker, 'utf8').trim()))) {
      return { ok: true, version }
    }
    return {
      ok: false,
      reason:
        `The binary of Electron ${version} is not downloaded, so the desktop window does not open; the browser host and ` +
        'the command line run without it. Where its host is not reachable, ELECTRON_MIRROR can name another.',
    }
  } catch (error) {
    return { ok: false, reason: `Electron is not installed: ${firstLine(error)}.` }
  }
}

function firstLine(error: unknown): string {
  return (reasonOf(error).split('\n')[0] ?? '').replace(/\.$/, '')
}

function hasGpuDriver(): boolean {
  return existsSync('/proc/driver/nvidia/version') || existsSync('C:\\Windows\\System32\\nvcuda.dll')
}

/** TensorFlow decides by the processor's instructions for neural networks, unless its variable is set. */
function leavesOneDnnIdle(): boolean {
  const decides = process.platform === 'linux' && process.arch === 'x64'
  if (!decides || process.env['TF_ENABLE_ONEDNN_OPTS'] !== undefined) return false
  try {
    return !/\b(avx512_vnni|avx512_bf16|avx_vnni|amx_tile|amx_int8|amx_bf16)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}

/** What scripts/setup/native.mjs wrote down; null after a success, or where it never ran. */
function lastSetup(): string | null {
  try {
    const record = path.join(root, 'node_modules', '.cache', 'vebi', 'setup.json')
    const { ready, sentence } = JSON.parse(readFileSync(record, 'utf8')) as { ready: boolean; sentence: string }
    return ready ? null : sentence
  } catch {
    return null
  }
}

/** The report as text: one line for each fact, then the advice. */
export function formatDoctor(report: DoctorReport): string {
  const { cpu, memory, engine, benchmark, libraries } = report
  const rows: [string, string][] = [
    ['Vebi', report.vebi],
    ['Node', report.node],
    ['platform', report.platform],
    ['processor', `${cpu.model}, ${cpu.cores} ${cpu.cores === 1 ? 'core' : 'cores'}`],
    ['memory', `${gibibytes(memory.totalBytes)} GiB, ${gibibytes(memory.freeBytes)} GiB free`],
    ['engine', `${engine.name} ${engine.version}`],
    ['GPU build', report.gpuBuild ? '@tensorflow/tfjs-node-gpu is installed' : 'not installed'],
    ['benchmark', `${benchmark.milliseconds.toFixed(1)} ms (${benchmark.description}; median of ${benchmark.repeats})`],
    ...Object.entries(libraries).map(([name, finding]): [string, string] => {
      return [name, finding.ok ? finding.version : 'missing']
    }),
  ]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = rows.map(([name, value]) => name.padEnd(width) + value)
  if (report.advice.length > 0) lines.push('')
  for (const { reason, command } of report.advice) {
    lines.push(`- ${reason}`)
    if (command !== null) lines.push(`  Enter: ${command}`)
  }
  return lines.join('\n')
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}
