#!/usr/bin/env node
/**
 * `npm start`: the desktop window where it can be had, else the same page in a browser, saying why in a sentence.
 * Arguments are handed on: a project, a model or an image to open.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { decideStart } from './start/decision.mjs'
import { electronOf, fetchElectron } from './start/electron.mjs'

/** A window that fails within this time has not come up, milliseconds. */
const START_TIME = 10_000

const root = path.resolve(import.meta.dirname, '..')
const node = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const args = process.argv.slice(2)
// npm runs scripts in the package's folder; paths are meant from where it was called.
const caller = process.env['INIT_CWD'] ?? process.cwd()

/** @param {string} [failure] */
const decide = (failure) =>
  decideStart({
    platform: process.platform,
    environment: process.env,
    root: process.getuid?.() === 0,
    installed: electronOf(root) !== undefined,
    ...(failure === undefined ? {} : { failure }),
  })

let decision = decide()
if (decision.open === 'fetch') {
  console.error('Fetching Electron for the desktop window, once; this may take two minutes ...')
  const failure = await fetchElectron(root, node)
  decision = decide(failure ?? 'it is not there afterwards')
}
const electron = electronOf(root)
if (decision.open === 'desktop' && electron !== undefined) {
  console.error('Building the window ...')
  const builder = path.join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const built = await run(node, [builder, 'build', '--logLevel', 'warn'], root)
  if (built !== 0) process.exit(built)
  const begun = performance.now()
  const code = await run(electron, [root, ...args], caller)
  if (code === 0 || performance.now() - begun > START_TIME) process.exit(code)
  decision = { ...decision, open: 'browser', because: `The desktop window does not start here (exit code ${code}).` }
}
console.error(`${decision.because} The workbench opens in a browser instead.`)
const open = decision.display ? ['--open'] : []
process.exit(await run(node, [path.join(root, 'bin', 'vebi.mjs'), 'serve', ...args, ...open], caller))

/**
 * Runs a program in the place of this one.
 * @param {string} command
 * @param {readonly string[]} commandArgs
 * @param {string} cwd
 * @returns {Promise<number>} Its exit code.
 */
async function run(command, commandArgs, cwd) {
  const child = spawn(command, commandArgs, { cwd, stdio: 'inherit' })
  // At a terminal Ctrl-C reaches the child as well, which decides what it means.
  const wait = () => {}
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => child.kill(signal)
  process.on('SIGINT', wait)
  process.on('SIGTERM', pass)
  process.on('SIGHUP', pass)
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        console.error(`${command} does not start: ${error.message}.`)
        resolve(1)
      })
      child.once('exit', (code) => resolve(code ?? 1))
    })
  } finally {
    process.off('SIGINT', wait)
    process.off('SIGTERM', pass)
    process.off('SIGHUP', pass)
  }
}
