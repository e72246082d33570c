import { afterEach, describe, expect, it, vi } from 'vitest'
import { VebiError } from '../../shared/errors.ts'
import type { Step } from '../jobs/runner.ts'
import { fail, say, table, withContext } from './terminal.ts'

/** Collects what is written to a stream of this process. */
function written(stream: 'stdout' | 'stderr'): () => string {
  const spy = vi.spyOn(process[stream], 'write').mockReturnValue(true)
  return () => spy.mock.calls.map(([text]) => String(text)).join('')
}

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

describe('say', () => {
  it('writes text, or with --json one document', () => {
    const stdout = written('stdout')
    say(false, { a: [1, 2] }, () => 'in words')
    say(undefined, {}, () => 'more words')
    expect(stdout()).toBe('in words\nmore words\n')
    say(true, { a: [1, 2] }, () => 'not this')
    expect(JSON.parse(stdout().slice('in words\nmore words\n'.length))).toEqual({ a: [1, 2] })
  })
})

describe('fail', () => {
  it('writes the sentence and sets exit code 1', () => {
    const stderr = written('stderr')
    fail(new VebiError('bad-file', 'x.png cannot be decoded.'))
    expect(stderr()).toBe('vebi: x.png cannot be decoded.\n')
    expect(process.exitCode).toBe(1)
  })

  it('sets exit code 130 when the user cancelled', () => {
    const stderr = written('stderr')
    fail(new VebiError('cancelled', 'Cancelled by the user.'))
    expect(stderr()).toBe('Cancelled. What was finished is kept; the same command goes on from there.\n')
    expect(process.exitCode).toBe(130)
  })

  it('keeps the stack of a mistake in the program for VEBI_DEBUG', () => {
    const stderr = written('stderr')
    fail(new TypeError('x is not a function'))
    expect(stderr()).toBe('vebi: x is not a function\n')
    vi.stubEnv('VEBI_DEBUG', '1')
    fail(new TypeError('x is not a function'))
    vi.unstubAllEnvs()
    expect(stderr()).toContain('terminal.test.ts')
  })
})

describe('withContext', () => {
  it('cancels at the first Ctrl-C, ends at the second, and lets go of the signals afterwards', async () => {
    const stderr = written('stderr')
    const before = process.listenerCount('SIGINT')
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`)
    })
    await withContext(async ({ signal }) => {
      expect(process.listenerCount('SIGINT')).toBe(before + 1)
      expect(signal.aborted).toBe(false)
      process.emit('SIGINT')
      expect(signal.aborted).toBe(true)
      expect(() => process.emit('SIGINT')).toThrow('exit 130')
    })
    expect(stderr()).toContain('Stopping after this batch')
    expect(exit).toHaveBeenCalledOnce()
    expect(process.listenerCount('SIGINT')).toBe(before)
    expect(process.listenerCount('SIGTERM')).toBe(before)
    await expect(withContext(() => Promise.reject(new Error('in between')))).rejects.toThrow('in between')
    expect(process.listenerCount('SIGINT')).toBe(before)
  })

  it('writes the first and the last step of each phase, one line each', async () => {
    const stderr = written('stderr')
    await withContext(async (context) => {
      const report = (step: Step): void => context.report(step)
      for (let done = 0; done <= 100; done++) report({ phase: 'extract', done, total: 100, unit: 'images' })
      report({ phase: 'select All', done: 1, total: 3, unit: 'classes' })
      report({ phase: 'select All', done: 3, total: 3, unit: 'classes' })
    })
    const lines = stderr().trimEnd().split('\n')
    expect(lines.length).toBe(4)
    expect(lines[0]).toBe('extract: 0/100 images, 0.0/s, ? left')
    expect(lines[1]).toMatch(/^extract: 100\/100 images, [\d.]+\/s$/)
    expect(lines[2]).toBe('select All: 1/3 classes, 0.0/s, ? left')
    expect(lines[3]).toMatch(/^select All: 3\/3 classes, [\d.]+\/s$/)
  })
})

describe('table', () => {
  it('pads the first column on the right and the others on the left', () => {
    const rows = [['a', 1], ['long name', 1234]]
    expect(table(['class', 'n'], rows)).toBe('class         n\na             1\nlong name  1234')
  })
})
