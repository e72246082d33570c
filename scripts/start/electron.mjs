import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** How long fetching may take, milliseconds. */
const FETCH_TIME = 120_000

/**
 * Electron's program, which its package fetches apart from the rest; undefined where it is not there.
 * @param {string} root Folder of the repository.
 * @returns {string | undefined}
 */
export function electronOf(root) {
  const home = path.join(root, 'node_modules', 'electron')
  try {
    const name = fs.readFileSync(path.join(home, 'path.txt'), 'utf8').trim()
    const program = path.join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(home, 'dist'), name)
    return fs.existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

/**
 * Lets Electron's package fetch its program.
 * @param {string} root Folder of the repository.
 * @param {string} node
 * @param {number} [limit] Milliseconds.
 * @returns {Promise<string | undefined>} Why it failed; undefined where it did not.
 */
export function fetchElectron(root, node, limit = FETCH_TIME) {
  const installer = path.join(root, 'node_modules', 'electron', 'install.js')
  if (!fs.existsSync(installer)) return Promise.resolve('its package is not installed: run "npm ci"')
  return new Promise((resolve) => {
    const child = spawn(node, [installer], { stdio: ['ignore', 'inherit', 'pipe'] })
    let said = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, limit)
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (said += text))
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      if (late) resolve(`no end after ${limit / 1000} s`)
      else resolve(code === 0 ? undefined : reasonIn(said))
    })
  })
}

/**
 * The line of an installer's complaint that says why.
 * @param {string} text
 */
export function reasonIn(text) {
  const lines = text.split('\n').map((line) => line.trim())
  const line = lines.find((each) => /error/i.test(each)) ?? lines.find((each) => each !== '') ?? 'no reason given'
  return line.replace(/^\w*Error: /, '').replace(/[.:]+$/, '').slice(0, 200)
}
