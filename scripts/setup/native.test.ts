import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// A clone in miniature: the set-up scripts and a tfjs-node without native part. Only what is in `programs` is found.
let clone: string
let cache: string
let programs: string

beforeEach(() => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vebi-setup-'))
  clone = path.join(folder, 'clone')
  cache = path.join(folder, 'cache')
  programs = path.join(folder, 'programs')
  fs.mkdirSync(programs)
  fs.cpSync(import.meta.dirname, path.join(clone, 'scripts', 'setup'), { recursive: true })
  const tfjsNode = path.join(clone, 'node_modules', '@tensorflow', 'tfjs-node')
  fs.mkdirSync(path.join(tfjsNode, 'binding'), { recursive: true })
  fs.writeFileSync(path.join(tfjsNode, 'package.json'), '{ "version": "4.22.0", "main": "index.js" }')
  fs.writeFileSync(path.join(tfjsNode, 'index.js'), 'throw new Error("no native part")')
})

afterEach(() => fs.rmSync(path.dirname(clone), { recursive: true, force: true }))

function setUp(env: Record<string, string> = {}) {
  const script = path.join(clone, 'scripts', 'setup', 'native.mjs')
  return spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    // Port 9 discards: nothing listens there.
    env: { PATH: programs, XDG_CACHE_HOME: cache, TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/', ...env },
  })
}

function addProgram(name: string, script: string) {
  fs.writeFileSync(path.join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const onLinux = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

describe.skipIf(!onLinux)('the native set-up (libraries to compile against exist for Linux, x64 and arm64)', () => {
  it('ends well and says what is missing: host, compiler', () => {
    const { status, stdout } = setUp()
    expect(status).toBe(0)
    expect(stdout).toContain('127.0.0.1, which has the prebuilt library of tfjs-node, is not reachable')
    expect(stdout).toContain('no C++ compiler is installed')
    expect(stdout).toContain('Vebi runs on WebAssembly instead')
  })

  it('says that python3 or pip is missing before it downloads anything', () => {
    addProgram('g++', 'exit 0')
    expect(setUp().stdout).toContain('python3 is not installed')
    addProgram('python3', 'echo "No module named pip" >&2; exit 1')
    expect(setUp().stdout).toContain('python3 has no pip')
  })

  it('passes on why pip failed', () => {
    addProgram('g++', 'exit 0')
    addProgram('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: No matching distribution" >&2; exit 1')
    const { status, stdout } = setUp()
    expect(status).toBe(0)
    expect(stdout).toMatch(/pip could not download \S+ 2\.21\.0 \(ERROR: No matching distribution\)/)
  })

  it('refuses a broken download and leaves nothing of it in the cache', () => {
    addProgram('g++', 'exit 0')
    addProgram(
      'python3',
      `[ "$3" = --version ] && exit 0
      for a; do case "$a" in --dest=*) echo cut > "\${a#--dest=}/tensorflow.whl";; esac; done`,
    )
    const { status, stdout } = setUp()
    expect(status).toBe(0)
    expect(stdout).toContain('the downloaded tensorflow.whl is not the one that Vebi knows')
    expect(fs.readdirSync(path.join(cache, 'vebi'))).toEqual([])
  })

  it('clears away what an interrupted set-up left, and keeps what a running one works on', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid
    const abandoned = path.join(cache, 'vebi', `temporary-${ended}-abc`)
    const busy = path.join(cache, 'vebi', `temporary-${process.pid}-abc`)
    for (const folder of [abandoned, busy]) fs.mkdirSync(folder, { recursive: true })
    setUp()
    expect(fs.existsSync(abandoned)).toBe(false)
    expect(fs.existsSync(busy)).toBe(true)
  })
})

it('does nothing when VEBI_SKIP_NATIVE is 1, and writes that down for the doctor', () => {
  const { status, stdout } = setUp({ VEBI_SKIP_NATIVE: '1' })
  expect(status).toBe(0)
  expect(stdout).toContain('VEBI_SKIP_NATIVE is 1')
  expect(fs.existsSync(cache)).toBe(false)
  const record = path.join(clone, 'node_modules', '.cache', 'vebi', 'setup.json')
  expect(JSON.parse(fs.readFileSync(record, 'utf8'))).toMatchObject({ ready: false })
})

it('leaves an installation alone that convolves correctly, and distrusts one that does not', () => {
  const index = path.join(clone, 'node_modules', '@tensorflow', 'tfjs-node', 'index.js')
  const convolving = (first: number) => `
    const values = [1, 2, 3, 5, 6, 7, 9, 10, 11].flatMap((b) => [10 * b + 34, -(4 * b + 10)])
    values[0] = ${first}
    exports.tensor4d = () => ({})
    exports.conv2d = () => ({ dataSync: () => values })
    exports.getBackend = () => 'tensorflow'
    exports.backend = () => ({ binding: { TF_Version: '9.9.9' } })`
  fs.writeFileSync(index, convolving(44))
  expect(setUp().stdout).toContain('Native TensorFlow 9.9.9 works.')
  fs.writeFileSync(index, convolving(45))
  expect(setUp().stdout).toContain('Native TensorFlow is not set up')
})
