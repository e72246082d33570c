/**
 * Sets up native TensorFlow for tfjs-node after `npm ci`, or by hand with `npm run setup` (`-- --force` fetches
 * everything anew). Plain JavaScript, because it may run on an older Node. It never fails an installation: whatever
 * is missing, it ends with exit code 0 and a sentence, and Vebi runs on WebAssembly.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { cacheFolder, failureLine, unavailableSentence } from './plan.mjs'
import { fromPrebuilt } from './prebuilt.mjs'
import { endPrograms, makeTemporaryFolder, runProgram } from './system.mjs'
import { fromWheel } from './wheel.mjs'

/**
 * What every way of setting up works with.
 * @typedef {object} Place
 * @property {string} root The repository.
 * @property {string} tfjsNode The installed package.
 * @property {string} cache Kept for the user.
 * @property {string} temporary In the cache; removed at the end.
 * @property {boolean} force
 * @property {(line: string) => void} log
 * @property {(name: string) => string} copyPackage Copies tfjs-node, without native parts, into `temporary`.
 */

/** @typedef {{ files?: Record<string, string>, folders?: Record<string, string> }} NativeParts */

/** @param {string} line */
const log = (line) => console.log(`vebi setup: ${line}`)

/**
 * @param {string} root
 * @param {boolean} force
 * @returns {Promise<{ ready: boolean, sentence: string }>}
 */
async function setUp(root, force) {
  if (process.env['VEBI_SKIP_NATIVE'] === '1') {
    return { ready: false, sentence: 'Native TensorFlow was not set up, because VEBI_SKIP_NATIVE is 1.' }
  }
  const tfjsNode = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node')
  if (!fs.existsSync(tfjsNode)) return { ready: false, sentence: unavailableSentence(['tfjs-node is not installed']) }

  if (!force) {
    const check = await checkPackage(root, tfjsNode)
    if (check.ok) return { ready: true, sentence: `Native ${check.output.trim()} works.` }
  }
  const cache = writableCache(root)
  const temporary = makeTemporaryFolder(cache)
  const leave = () => {
    endPrograms()
    fs.rmSync(temporary, { recursive: true, force: true })
    process.exit(130)
  }
  process.once('SIGINT', leave).once('SIGTERM', leave)
  /** @type {Place} */
  const place = {
    root, tfjsNode, cache, temporary, force, log,
    copyPackage: (name) => copyPackage(tfjsNode, path.join(temporary, name)),
  }
  /** @type {string[]} */
  const reasons = []
  try {
    for (const [name, way] of /** @type {const} */ ([['prebuilt', fromPrebuilt], ['wheel', fromWheel]])) {
      try {
        /** @type {NativeParts} */
        const parts = await way(place)
        const trial = place.copyPackage(`trial-${name}`)
        install(parts, trial)
        log('checking a convolution ...')
        const check = await checkPackage(root, trial)
        if (!check.ok) {
          const retry = force ? '' : '; "npm run setup -- --force" fetches it anew'
          throw new Error(`the ${name} library does not work here (${failureLine(check.output)}${retry})`)
        }
        install(parts, tfjsNode)
        return { ready: true, sentence: `Native ${check.output.trim()} is set up.` }
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error))
        log(`${reasons.at(-1)}.`)
      }
    }
    return { ready: false, sentence: unavailableSentence(reasons) }
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true })
  }
}

/** @param {string} root @param {string} folder A tfjs-node package, anywhere. */
function checkPackage(root, folder) {
  const program = path.join(import.meta.dirname, 'check.mjs')
  const env = { NODE_PATH: path.join(root, 'node_modules') }
  return runProgram(process.execPath, [program, folder], { env, seconds: 180 })
}

/** @param {string} root @returns {string} The user's cache, or where that cannot be written a folder of this clone. */
function writableCache(root) {
  const cache = cacheFolder(process.env, process.platform, os.homedir())
  try {
    fs.mkdirSync(cache, { recursive: true })
    fs.accessSync(cache, fs.constants.W_OK)
    return cache
  } catch {
    return path.join(root, 'node_modules', '.cache', 'vebi')
  }
}

/** @param {string} tfjsNode @param {string} copy @returns {string} */
function copyPackage(tfjsNode, copy) {
  const native = ['deps', 'lib'].map((name) => path.join(tfjsNode, name))
  fs.cpSync(tfjsNode, copy, { recursive: true, filter: (source) => !native.includes(source) })
  return copy
}

/**
 * Puts native parts into a package: files are copied, folders linked. Each appears at once or not at all.
 * @param {NativeParts} parts
 * @param {string} folder
 */
function install({ files = {}, folders = {} }, folder) {
  for (const [name, source] of Object.entries(folders)) {
    const target = path.join(folder, name)
    fs.rmSync(target, { recursive: true, force: true })
    fs.symlinkSync(source, target, 'junction')
  }
  for (const [name, source] of Object.entries(files)) {
    const target = path.join(folder, name)
    // A folder linked into the cache belongs to the other way of setting up; it must not be written into.
    const top = path.join(folder, name.split('/')[0] ?? '')
    if (fs.lstatSync(top, { throwIfNoEntry: false })?.isSymbolicLink()) fs.unlinkSync(top)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.copyFileSync(source, `${target}.new`)
    fs.renameSync(`${target}.new`, target)
  }
}

const root = path.resolve(import.meta.dirname, '..', '..')
const started = Date.now()
/** @type {{ ready: boolean, sentence: string }} */
let result
try {
  result = await setUp(root, process.argv.includes('--force'))
} catch (error) {
  result = { ready: false, sentence: unavailableSentence([error instanceof Error ? error.message : String(error)]) }
}
log(`${result.sentence} (${((Date.now() - started) / 1000).toFixed(0)} s)`)
try {
  // `vebi doctor` tells why native TensorFlow is missing.
  const record = path.join(root, 'node_modules', '.cache', 'vebi', 'setup.json')
  fs.mkdirSync(path.dirname(record), { recursive: true })
  fs.writeFileSync(record, JSON.stringify(result))
} catch {
  log('the result could not be written down for `vebi doctor`.')
}
process.exit(0)
