import { describe, expect, it } from 'vitest'
import {
  cacheFolder,
  compilerArguments,
  failureLine,
  isAbandoned,
  pipArguments,
  prebuiltHost,
  unavailableSentence,
  wheelFor,
} from './plan.mjs'

describe('wheelFor', () => {
  it('knows Linux on both processors and nothing else', () => {
    expect(wheelFor('linux', 'x64')?.name).toBe('tensorflow-cpu')
    expect(wheelFor('linux', 'arm64')?.name).toBe('tensorflow')
    expect(wheelFor('linux', 'riscv64')).toBeNull()
    expect(wheelFor('win32', 'x64')).toBeNull()
    expect(wheelFor('darwin', 'arm64')).toBeNull()
  })

  it('pins a checksum for each wheel', () => {
    for (const arch of ['x64', 'arm64']) expect(wheelFor('linux', arch)?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('cacheFolder', () => {
  it('follows each platform, XDG_CACHE_HOME first', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/x/vebi')
    expect(cacheFolder({}, 'linux', '/home/a')).toBe('/home/a/.cache/vebi')
    expect(cacheFolder({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/vebi')
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32', '/home/a')).toBe('/local/vebi')
  })
})

describe('pipArguments', () => {
  it('names every tag, so that the running Python does not matter', () => {
    const wheel = { name: 'some', version: '1.2', platform: 'manylinux_2_27_x86_64', sha256: '', megabytes: 1 }
    const parameters = pipArguments(wheel, '/to')
    expect(parameters.slice(0, 4)).toEqual(['-m', 'pip', 'download', 'some==1.2'])
    for (const flag of ['--no-deps', '--only-binary=:all:', '--platform=manylinux_2_27_x86_64', '--dest=/to']) {
      expect(parameters).toContain(flag)
    }
    expect(parameters.filter((flag) => /^--(python-version|implementation|abi)=/.test(flag))).toHaveLength(3)
  })
})

describe('compilerArguments', () => {
  it('writes the place of the libraries into the binding', () => {
    const paths = { binding: '/b', tensorflow: '/t', headers: '/h', output: '/o/x.node' }
    const parameters = compilerArguments(paths)
    expect(parameters).toContain('-Wl,-rpath,/t')
    expect(parameters).toContain('/b/binding/tfjs_backend.cc')
    expect(parameters.indexOf('-o') + 1).toBe(parameters.indexOf('/o/x.node'))
  })
})

describe('prebuiltHost', () => {
  it('is where the install script of tfjs-node would download', () => {
    expect(prebuiltHost({})).toEqual({ host: 'storage.googleapis.com', port: 443 })
    expect(prebuiltHost({ TFJS_NODE_CDN_STORAGE: 'http://mirror.example:8080/' })).toEqual({
      host: 'mirror.example',
      port: 8080,
    })
    expect(prebuiltHost({ CDN_STORAGE: 'http://mirror.example/' })?.port).toBe(80)
  })

  it('cannot be asked for a connection behind a proxy', () => {
    expect(prebuiltHost({ https_proxy: 'http://proxy.example:3128' })).toBeNull()
  })
})

describe('isAbandoned', () => {
  it('holds for temporary folders of processes that ended, and for nothing else', () => {
    expect(isAbandoned('temporary-123-abc', () => false)).toBe(true)
    expect(isAbandoned('temporary-123-abc', (id) => id === 123)).toBe(false)
    expect(isAbandoned('tensorflow-cpu-2.21.0-linux-x64', () => false)).toBe(false)
  })
})

describe('failureLine', () => {
  it('takes the last line that tells of an error', () => {
    expect(failureLine('WARNING: slow\nERROR: first\nERROR: No matching distribution\nbye\n')).toBe(
      'ERROR: No matching distribution',
    )
    expect(failureLine('just\nthis\n\n')).toBe('this')
    expect(failureLine('')).toBe('no message')
  })
})

it('says what is missing, what runs instead and what tries again', () => {
  expect(unavailableSentence(['there is no compiler', 'there is no network'])).toBe(
    'Native TensorFlow is not set up: there is no compiler; there is no network. Vebi runs on WebAssembly instead, ' +
      'several times slower; "npm run setup" tries again.',
  )
})
