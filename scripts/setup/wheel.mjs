/** Native TensorFlow from the libraries in TensorFlow's Python wheel, with tfjs-node's binding compiled here. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { compilerArguments, failureLine, pipArguments, wheelFor } from './plan.mjs'
import { publishFolder, reportGrowth, runProgram } from './system.mjs'

/** @typedef {import('./native.mjs').Place} Place */

/**
 * Fetches, extracts and compiles what the cache lacks.
 * @param {Place} place
 * @returns {Promise<{ files: Record<string, string> }>} Path in the tfjs-node package to the file that belongs there.
 * @throws {Error} whose message is one clause: what is missing.
 */
export async function fromWheel(place) {
  const wheel = wheelFor(process.platform, process.arch)
  if (wheel === null) {
    throw new Error(`there are no TensorFlow libraries to compile against for ${process.platform} on ${process.arch}`)
  }
  const library = path.join(place.cache, `${wheel.name}-${wheel.version}-${process.platform}-${process.arch}`)
  const binding = path.join(library, `binding-${bindingKey(place.tfjsNode)}`)
  if (place.force && fs.existsSync(library)) fs.renameSync(library, path.join(place.temporary, 'replaced'))
  if (!fs.existsSync(binding)) {
    const compiler = await findCompiler()
    if (!fs.existsSync(library)) await fetchLibrary(wheel, library, place)
    await compile(compiler, library, binding, place)
  }
  return { files: { 'lib/napi-v8/tfjs_binding.node': path.join(binding, 'tfjs_binding.node') } }
}

/**
 * @param {string} tfjsNode
 * @returns {string} A name that changes with the binding's sources.
 */
function bindingKey(tfjsNode) {
  const hash = createHash('sha256')
  const sources = path.join(tfjsNode, 'binding')
  for (const name of fs.readdirSync(sources).sort()) {
    hash.update(name).update(fs.readFileSync(path.join(sources, name)))
  }
  return hash.digest('hex').slice(0, 12)
}

/** @returns {Promise<string>} */
async function findCompiler() {
  for (const command of [process.env['CXX'], 'g++', 'clang++', 'c++']) {
    if (command && (await runProgram(command, ['--version'])).ok) return command
  }
  throw new Error('no C++ compiler is installed (Debian and Ubuntu: apt-get install g++)')
}

/** @returns {Promise<string>} */
async function findPython() {
  let foundPython = false
  for (const command of ['python3', 'python']) {
    const answer = await runProgram(command, ['-m', 'pip', '--version'])
    if (answer.ok) return command
    foundPython ||= !answer.missing
  }
  throw new Error(
    foundPython
      ? 'python3 has no pip (Debian and Ubuntu: apt-get install python3-pip)'
      : 'python3 is not installed (Debian and Ubuntu: apt-get install python3-pip)',
  )
}

/**
 * @param {import('./plan.mjs').Wheel} wheel
 * @param {string} library
 * @param {Place} place
 */
async function fetchLibrary(wheel, library, { temporary, log }) {
  const python = await findPython()
  const download = path.join(temporary, 'download')
  fs.mkdirSync(download)
  log(`downloading ${wheel.name} ${wheel.version} with pip (${wheel.megabytes} MB, once per user) ...`)
  const answer = await reportGrowth(download, log, () =>
    // pip writes into TMPDIR while it loads, so an interrupted download goes with the temporary folder.
    runProgram(python, pipArguments(wheel, download), { env: { TMPDIR: download }, seconds: 3600 }),
  )
  if (!answer.ok) {
    throw new Error(`pip could not download ${wheel.name} ${wheel.version} (${failureLine(answer.output)})`)
  }

  const file = fs.readdirSync(download).find((name) => name.endsWith('.whl'))
  if (file === undefined) throw new Error(`pip downloaded no wheel of ${wheel.name} ${wheel.version}`)
  const sha256 = createHash('sha256')
  await pipeline(fs.createReadStream(path.join(download, file)), sha256)
  if (sha256.digest('hex') !== wheel.sha256) throw new Error(`the downloaded ${file} is not the one that Vebi knows`)

  log('extracting ...')
  const extracted = path.join(temporary, 'library')
  const program = path.join(import.meta.dirname, 'extract_wheel.py')
  const unzip = await runProgram(python, [program, path.join(download, file), extracted], { seconds: 600 })
  if (!unzip.ok) throw new Error(`${file} could not be extracted (${failureLine(unzip.output)})`)
  fs.rmSync(download, { recursive: true, force: true })
  publishFolder(extracted, library)
}

/**
 * @param {string} compiler
 * @param {string} library
 * @param {string} binding
 * @param {Place} place
 */
async function compile(compiler, library, binding, { root, tfjsNode, temporary, log }) {
  const headers = path.join(root, 'node_modules', 'node-api-headers', 'include')
  if (!fs.existsSync(headers)) throw new Error('the package node-api-headers is not installed')
  log('compiling the binding ...')
  const built = path.join(temporary, 'binding')
  fs.mkdirSync(built)
  const tensorflow = path.join(library, 'tensorflow')
  const answer = await runProgram(
    compiler,
    compilerArguments({ binding: tfjsNode, tensorflow, headers, output: path.join(built, 'tfjs_binding.node') }),
    { seconds: 900 },
  )
  if (!answer.ok) throw new Error(`${compiler} could not compile the binding (${failureLine(answer.output)})`)
  publishFolder(built, binding)
}
