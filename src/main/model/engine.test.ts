import { spawnSync } from 'node:child_process'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { timeConvolution } from './benchmark.ts'
import { ENGINE_NAMES, startEngine, startFailure } from './engine.ts'

/** Starts an engine in a process of its own, since a process has one. */
function engineOf(preferred: string, prelude = ''): { name?: string; notes?: string[]; code?: string; error?: string } {
  const program = `${prelude}
    const { startEngine } = await import(${JSON.stringify(new URL('./engine.ts', import.meta.url).href)})
    try { console.log(JSON.stringify(await startEngine(${JSON.stringify(preferred)} || undefined))) }
    catch (error) { console.log(JSON.stringify({ code: error.code, error: error.message })) }`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, VEBI_ENGINE: '' },
  })
  return JSON.parse(stdout) as ReturnType<typeof engineOf>
}

describe('startEngine', () => {
  it('starts one engine and says which', async () => {
    const engine = await startEngine()
    expect(ENGINE_NAMES).toContain(engine.name)
    expect(engine.version).toMatch(/^\d+\.\d+/)
    expect(await startEngine('cpu')).toBe(engine)
    expect(tf.add(2, 3).dataSync()[0]).toBe(5)
  })

  it.each(['wasm', 'cpu'])('starts %s when asked', (name) => {
    expect(engineOf(name)).toMatchObject({ name, notes: [] })
  })

  it('falls back where the native library does not load, and says why and what mends it', () => {
    const prelude = `
      const { registerHooks } = await import('node:module')
      registerHooks({ resolve(specifier, context, next) {
        if (specifier === '@tensorflow/tfjs-node') throw new Error('no binding here.\\nsecond line')
        return next(specifier, context)
      } })`
    expect(engineOf('', prelude)).toMatchObject({
      name: 'wasm',
      notes: ['tensorflow does not start: no binding here; "npm run setup" sets it up.'],
    })
  })

  it('refuses an unknown engine', () => {
    expect(engineOf('quantum')).toEqual({
      code: 'bad-argument',
      error: 'Unknown engine "quantum": choose one of tensorflow-gpu, tensorflow, wasm, cpu.',
    })
  })
})

describe('startFailure', () => {
  it('keeps the first line of the reason and adds the command that mends it', () => {
    expect(startFailure('tensorflow', 'The addon is missing. \nPlease run\nmore')).toBe(
      'tensorflow does not start: The addon is missing; "npm run setup" sets it up.',
    )
    expect(startFailure('wasm', 'no WebAssembly')).toBe('wasm does not start: no WebAssembly.')
  })
})

describe('timeConvolution', () => {
  it('gives a positive time and leaves no tensor behind', async () => {
    await startEngine()
    const before = tf.memory().numTensors
    const timing = await timeConvolution()
    expect(timing.milliseconds).toBeGreaterThan(0)
    expect(timing.repeats).toBeGreaterThan(0)
    expect(tf.memory().numTensors).toBe(before)
  })
})
