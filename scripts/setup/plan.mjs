/**
 * The decisions of the native set-up, without side effects: where things are kept, which TensorFlow
 * fits the machine, how it is fetched and compiled, and the sentence that a person reads at the end.
 */
import path from 'node:path'

/** The Node-API version that tfjs-node's binding is built for; its folder name carries it. */
export const NODE_API_VERSION = 8

/**
 * @typedef {object} Wheel
 * @property {string} name Name on the Python package index.
 * @property {string} version
 * @property {string} platform pip's platform tag.
 * @property {string} sha256 Of the wheel file.
 * @property {number} megabytes Size of the download.
 */

/** @type {Record<string, Wheel>} */
const WHEELS = {
  'linux-x64': {
    name: 'tensorflow-cpu',
    version: '2.21.0',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    megabytes: 270,
  },
  // On 64-bit ARM the plain package is the CPU build.
  'linux-arm64': {
    name: 'tensorflow',
    version: '2.21.0',
    platform: 'manylinux_2_27_aarch64',
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
    megabytes: 280,
  },
}

/**
 * The wheel whose libraries fit a machine, or null where there is none.
 * @param {string} platform `process.platform`
 * @param {string} arch `process.arch`
 * @returns {Wheel | null}
 */
export function wheelFor(platform, arch) {
  return WHEELS[`${platform}-${arch}`] ?? null
}

/**
 * Where fetched libraries are kept for one user, so that a second clone downloads nothing.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} platform `process.platform`
 * @param {string} home The user's home folder.
 * @returns {string}
 */
export function cacheFolder(env, platform, home) {
  if (env['XDG_CACHE_HOME']) return path.join(env['XDG_CACHE_HOME'], 'vebi')
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'vebi')
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'vebi')
  return path.join(home, '.cache', 'vebi')
}

/**
 * The arguments of `python3`. The tags are spelled out because the wheel is only a carrier of
 * libraries: the Python that runs pip need not be one that TensorFlow supports.
 * @param {Wheel} wheel
 * @param {string} destination
 * @returns {string[]}
 */
export function pipArguments(wheel, destination) {
  return [
    '-m', 'pip', 'download', `${wheel.name}==${wheel.version}`,
    '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check', '--retries=2',
    '--python-version=3.12', '--implementation=cp', '--abi=cp312', `--platform=${wheel.platform}`,
    `--dest=${destination}`,
  ]
}

/**
 * The arguments of the C++ compiler that builds tfjs-node's binding against the libraries of a wheel.
 * @param {{ binding: string, tensorflow: string, headers: string, output: string }} paths `binding`: tfjs-node's
 *   package folder; `tensorflow`: the folder with the libraries and `include`, written into the result.
 * @returns {string[]}
 */
export function compilerArguments({ binding, tensorflow, headers, output }) {
  return [
    '-O2', '-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API_VERSION}`,
    `-I${headers}`, `-I${path.join(tensorflow, 'include')}`, `-I${binding}`,
    path.join(binding, 'binding', 'tfjs_backend.cc'), path.join(binding, 'binding', 'tfjs_binding.cc'),
    '-o', output,
    `-L${tensorflow}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2',
    `-Wl,-rpath,${tensorflow}`,
  ]
}

/**
 * The host whose reachability decides whether tfjs-node's own download is worth starting.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {{ host: string, port: number } | null} null behind a proxy, where only the download itself can tell.
 */
export function prebuiltHost(env) {
  if (env['HTTPS_PROXY'] || env['https_proxy'] || env['HTTP_PROXY'] || env['http_proxy']) return null
  const address = env['TFJS_NODE_CDN_STORAGE'] || env['CDN_STORAGE'] || 'https://storage.googleapis.com/'
  if (!URL.canParse(address)) return { host: address, port: 443 }
  const { hostname, port, protocol } = new URL(address)
  return { host: hostname, port: Number(port) || (protocol === 'http:' ? 80 : 443) }
}

/**
 * Whether a temporary folder in the cache was left behind by a set-up that no longer runs.
 * @param {string} name Folder name, `temporary-<process id>-<random>`.
 * @param {(processId: number) => boolean} isRunning
 * @returns {boolean}
 */
export function isAbandoned(name, isRunning) {
  const match = /^temporary-(\d+)-/.exec(name)
  return match !== null && !isRunning(Number(match[1]))
}

/**
 * The last line of a program's output that says what went wrong.
 * @param {string} output
 * @returns {string}
 */
export function failureLine(output) {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const telling = lines.filter((line) => /error|no space|denied|not found/i.test(line))
  return (telling.at(-1) ?? lines.at(-1) ?? 'no message').slice(0, 300)
}

/**
 * The closing sentence when no way led to native TensorFlow.
 * @param {readonly string[]} reasons One clause for each way that was tried, without a full stop.
 * @returns {string}
 */
export function unavailableSentence(reasons) {
  return `Native TensorFlow is not set up: ${reasons.join('; ')}. Vebi runs on WebAssembly instead, several times ` +
    'slower; "npm run setup" tries again.'
}
