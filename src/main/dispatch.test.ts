import { describe, expect, it, vi } from 'vitest'
import { VebiError } from '../shared/errors.ts'
import { createDispatch } from './dispatch.ts'
import { SCHEMAS } from './handlers/schemas.ts'
import type { Handlers } from './handlers/types.ts'

const SELECTION = { preset: 'paper', layers: 'All', mu: 10, nonnegative: false, labels: 'true' }

/** Handlers that answer with what reached them, or as told. */
function echoing(told: Record<string, () => unknown> = {}) {
  const handlers = Object.fromEntries(
    Object.keys(SCHEMAS).map((name) => [name, told[name] ?? ((argument: unknown) => argument)]),
  ) as unknown as Handlers
  const onFault = vi.fn()
  return { dispatch: createDispatch(handlers, onFault), onFault }
}

describe('dispatch', () => {
  it('hands a valid argument on, as it is', async () => {
    const { dispatch } = echoing()
    expect(await dispatch('selection.summary', SELECTION)).toEqual({ ok: true, result: SELECTION })
    expect(await dispatch('engine.info', undefined)).toEqual({ ok: true, result: {} })
  })

  it.each(['jobs.destroy', '', 'constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'refuses the unknown name "%s"', async (name) => {
      const { dispatch, onFault } = echoing()
      const error = { code: 'bad-argument', sentence: `There is no method "${name}".` }
      expect(await dispatch(name, {})).toEqual({ ok: false, error })
      expect(onFault).not.toHaveBeenCalled()
    },
  )

  it.each<[string, unknown, string]>([
    ['engine.info', { extra: 1 }, 'engine.info: Unrecognized key: "extra".'],
    ['project.open', null, 'project.open, folder: Invalid input: expected string, received undefined.'],
    ['project.open', 'folder', 'project.open: Invalid input: expected object, received string.'],
    ['project.open', { folder: '' }, 'project.open, folder: must not be empty.'],
    ['project.open', { folder: 'a\0b' }, 'project.open, folder: must not hold a zero byte.'],
    ['selection.summary', { ...SELECTION, mu: -1 }, 'selection.summary, mu: Too small: expected number to be >=0.'],
    ['selection.matrix', { ...SELECTION, mu: NaN },
      'selection.matrix, mu: Invalid input: expected number, received NaN.'],
    ['selection.matrix', { ...SELECTION, mu: Infinity },
      'selection.matrix, mu: Invalid input: expected number, received Infinity.'],
    ['selection.matrix', { ...SELECTION, preset: 'mine' },
      'selection.matrix, preset: Invalid option: expected one of "paper"|"released".'],
    ['jobs.start', { kind: 'sleep', spec: {} },
      'jobs.start, kind: must be one of '
      + 'extraction, selection, ablation, averages, explanation, evaluation, check, predictions, folder-explanation, '
      + 'figures, report.'],
    ['jobs.start', { kind: 'ablation', spec: { selections: [] } },
      'jobs.start, spec.selections: must name at least one.'],
    ['jobs.start', { kind: 'selection', spec: { ...SELECTION, mu: '10' } },
      'jobs.start, spec.mu: Invalid input: expected number, received string.'],
    ['jobs.cancel', { id: 1.5 }, 'jobs.cancel, id: Invalid input: expected int, received number.'],
    ['images.picture', { image: 'train/../../etc/passwd', view: 'original', maxSide: 64 },
      'images.picture, image: must be "train/", "test/" or "added/" and a number.'],
    ['images.picture', { image: 'train/-1', view: 'original', maxSide: 64 },
      'images.picture, image: must be "train/", "test/" or "added/" and a number.'],
    ['images.picture', { image: 'train/1', view: 'original', maxSide: 100_000 },
      'images.picture, maxSide: Too big: expected number to be <=4096.'],
  ])('refuses %s of %j in a sentence', async (name, argument, sentence) => {
    const { dispatch } = echoing()
    expect(await dispatch(name, argument)).toEqual({ ok: false, error: { code: 'bad-argument', sentence } })
  })

  it('answers with the code and the sentence of a refusal', async () => {
    const { dispatch, onFault } = echoing({
      'jobs.list': () => {
        throw new VebiError('not-ready', 'No project is open.')
      },
    })
    const error = { code: 'not-ready', sentence: 'No project is open.' }
    expect(await dispatch('jobs.list', {})).toStrictEqual({ ok: false, error })
    expect(onFault).not.toHaveBeenCalled()
  })

  it.each([
    ['an error', new TypeError('secret /home/someone/file.ts:12')],
    ['an inner refusal', new VebiError('internal', 'secret')],
    ['a failing read', Object.assign(new Error('secret'), { code: 'EIO' })],
  ])('keeps the text of %s for the log', async (_, fault) => {
    const { dispatch, onFault } = echoing({ 'jobs.list': () => Promise.reject(fault) })
    const reply = await dispatch('jobs.list', {})
    expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(JSON.stringify(reply)).not.toMatch(/secret|\.ts/)
    expect(onFault).toHaveBeenCalledExactlyOnceWith(fault)
  })
})
