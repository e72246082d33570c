/** Running programs and keeping folders tidy, for the set-up. */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { isAbandoned } from './plan.mjs'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends every program that `runProgram` still waits for. */
export function endPrograms() {
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Runs a program to its end. A program that is not there counts as a failure, never as an exception.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number }} [options] `seconds`: it is ended after that.
 * @returns {Promise<{ ok: boolean, missing: boolean, output: string }>} `output`: stdout, then stderr.
 */
export function runProgram(command, parameters, { cwd, env, seconds = 60 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let stdout = ''
    let stderr = ''
    let late = false
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stderr += text))
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, seconds * 1000)
    /** @param {boolean} ok @param {boolean} missing @param {string} output */
    const settle = (ok, missing, output) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ ok, missing, output })
    }
    child.once('error', (error) => settle(false, true, error.message))
    child.once('close', (code, signal) => {
      const end = late ? `error: no answer within ${seconds} seconds` : signal ? `error: ended by ${signal}` : ''
      settle(code === 0, false, [stdout, stderr, end].filter((text) => text !== '').join('\n'))
    })
  })
}

/**
 * Whether a host takes connections; false after `seconds` of silence.
 * @param {{ host: string, port: number }} address
 * @param {number} seconds
 * @returns {Promise<boolean>}
 */
export function isReachable(address, seconds) {
  return new Promise((resolve) => {
    const socket = net.connect(address)
    const timer = setTimeout(() => settle(false), seconds * 1000)
    /** @param {boolean} reachable */
    const settle = (reachable) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reachable)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

/**
 * Reports every few seconds how much a folder holds, until the work is done.
 * @template T
 * @param {string} folder
 * @param {(line: string) => void} log
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function reportGrowth(folder, log, work) {
  const timer = setInterval(() => {
    const megabytes = folderSize(folder) / 1e6
    if (megabytes >= 1) log(`  ${megabytes.toFixed(0)} MB`)
  }, 5000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/** @param {string} folder @returns {number} Bytes in all files below; files that vanish meanwhile count nothing. */
function folderSize(folder) {
  let bytes = 0
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const child = path.join(folder, entry.name)
      bytes += entry.isDirectory() ? folderSize(child) : (fs.lstatSync(child, { throwIfNoEntry: false })?.size ?? 0)
    }
  } catch {
    return bytes
  }
  return bytes
}

/**
 * Makes a temporary folder in the cache, after removing those that interrupted set-ups left there.
 * @param {string} cache
 * @returns {string}
 */
export function makeTemporaryFolder(cache) {
  fs.mkdirSync(cache, { recursive: true })
  for (const name of fs.readdirSync(cache)) {
    if (isAbandoned(name, isRunning)) fs.rmSync(path.join(cache, name), { recursive: true, force: true })
  }
  return fs.mkdtempSync(path.join(cache, `temporary-${process.pid}-`))
}

/** @param {number} processId */
function isRunning(processId) {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Moves a finished folder to its place. Where another set-up was quicker, its result stays.
 * @param {string} from
 * @param {string} to On the same file system.
 */
export function publishFolder(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true })
  try {
    fs.renameSync(from, to)
  } catch (error) {
    if (!fs.existsSync(to)) throw error
  }
}
