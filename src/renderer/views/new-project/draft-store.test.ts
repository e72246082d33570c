import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Draft } from '../../../shared/contract.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { PresetTrials } from '../../../shared/preset-trials.ts'
import type { DraftAccuracy } from '../../../shared/project-info.ts'
import { useProjectStore } from '../../stores/project.ts'
import { fakeHost, withHost, type Answers } from '../../testing/fake-host.ts'
import { useDraftStore } from './draft-store.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

const draft = (scale: number): Draft => ({ model: '/m', train: '/a', test: '/b', preprocessing: { scale } })
const measured = (accuracy: number): DraftAccuracy => ({
  images: 200,
  unreadable: 0,
  accuracy,
  chance: 0.1,
  commonest: { classIndex: 0, share: 0.1 },
})

function open(answers: Answers): { store: ReturnType<typeof useDraftStore>; calls: unknown[] } {
  const { host, calls } = fakeHost(answers)
  return { store: withHost(host, useDraftStore).value, calls }
}

it('remembers what was typed, and asks the engine about it only when typing has ended', async () => {
  const { store } = open({})
  store.set({ model: '/mo' })
  expect(store.asked.model).toBe('')
  store.commit({ model: '/models/net' })
  expect(store.asked.model).toBe('/models/net')
  await nextTick()
  expect(open({}).store.form.model).toBe('/models/net')
})

describe('accuracy', () => {
  it('is measured once for the same draft, and again on demand', async () => {
    let accuracy = 0.5
    const { store, calls } = open({ 'draft.accuracy': () => measured(accuracy) })
    const first = store.measure(draft(1))
    expect(store.measurementOf(draft(1))).toEqual({ data: null, error: null })
    await Promise.all([first, store.measure(draft(1))])
    await store.measure(draft(1))
    expect(calls).toHaveLength(1)
    expect(store.measurementOf(draft(1))?.data?.accuracy).toBe(0.5)
    expect(store.measurementOf(draft(2))).toBeNull()
    accuracy = 0.6
    await store.measureAgain(draft(1))
    expect(store.measurementOf(draft(1))?.data?.accuracy).toBe(0.6)
  })

  it('keeps a refusal to show it, but not that another measurement took its place', async () => {
    const refusal = new VebiError('bad-data', 'None can be read.')
    let error = refusal
    const { store } = open({ 'draft.accuracy': () => Promise.reject(error) })
    await store.measure(draft(1))
    expect(store.measurementOf(draft(1))?.error).toBe(refusal)
    error = new VebiError('cancelled', 'Cancelled.')
    await store.measure(draft(1))
    expect(store.measurementOf(draft(1))).toBeNull()
  })
})

describe('trials', () => {
  const PREPROCESSING = {
    height: 8, width: 8, channels: 3, resize: 'fit', scale: 1, mean: [0, 0, 0], std: [1, 1, 1], order: 'rgb',
  } as const
  const found: PresetTrials = {
    images: 200,
    unreadable: 1,
    chance: 0.1,
    outcome: 'clear',
    verdict: 'One is best.',
    trials: [
      {
        name: '0 … 255',
        hint: '',
        preprocessing: PREPROCESSING,
        accuracy: 0.7,
        logLoss: 1,
        commonest: { classIndex: 2, share: 0.2 },
        standing: 'best',
      },
    ],
  }

  it('are tried once unasked for the same data, whatever the numbers entered', async () => {
    const { store, calls } = open({ 'draft.presets': () => found })
    const work = store.tryUnasked(draft(1))
    expect(store.trialsOf(draft(0.5))).toEqual({ data: null, error: null })
    await work
    await store.tryUnasked(draft(0.5))
    expect(calls).toEqual([{ name: 'draft.presets', argument: { draft: draft(1), images: 200 } }])
    expect(store.trialsOf(draft(2))?.data).toEqual(found)
    expect(store.trialsOf({ ...draft(1), test: '/c' })).toBeNull()
  })

  it('answer for the accuracy of what was tried', async () => {
    const { store, calls } = open({ 'draft.presets': () => found })
    await store.tryAll(draft(1))
    await store.measure(draft(1))
    expect(calls).toHaveLength(1)
    expect(store.measurementOf(draft(1))?.data).toEqual({
      images: 200, unreadable: 1, chance: 0.1, accuracy: 0.7, commonest: { classIndex: 2, share: 0.2 },
    })
    expect(store.measurementOf(draft(2))).toBeNull()
    expect(store.measurementOf({ ...draft(1), preprocessing: { scale: 1, resize: 'crop' } })).toBeNull()
  })

  it('are forgotten when another measurement ends them, and not begun again unasked after Stop', async () => {
    const { store, calls } = open({
      'draft.presets': () => Promise.reject(new VebiError('cancelled', 'Cancelled.')),
      'draft.stop': () => null,
      'draft.accuracy': () => measured(0.5),
    })
    await store.tryUnasked(draft(1))
    expect(store.trialsOf(draft(1))).toBeNull()
    await store.tryUnasked(draft(1))
    expect(calls).toHaveLength(2)
    await store.stopTrying(draft(1))
    await store.tryUnasked(draft(1))
    expect(calls.map((call) => (call as { name: string }).name)).toEqual([
      'draft.presets', 'draft.presets', 'draft.stop', 'draft.accuracy',
    ])
    expect(store.measurementOf(draft(1))?.data?.accuracy).toBe(0.5)
    await store.tryAll(draft(1))
    expect(calls).toHaveLength(5)
  })

  it('are followed by the accuracy that they ended, unless they answer for it', async () => {
    let endMeasuring = (): void => {}
    const { store, calls } = open({
      'draft.accuracy': () =>
        new Promise((resolve, reject) => {
          endMeasuring = () => reject(new VebiError('cancelled', 'Cancelled.'))
          if (calls.length > 1) resolve(measured(0.4))
        }),
      'draft.presets': () => {
        endMeasuring()
        return found
      },
    })
    const measuring = store.measure(draft(2))
    await store.tryAll(draft(2))
    await measuring
    expect(store.measurementOf(draft(2))?.data?.accuracy).toBe(0.4)
    await store.tryAll(draft(1))
    expect(calls.map((call) => (call as { name: string }).name)).toEqual([
      'draft.accuracy', 'draft.presets', 'draft.accuracy', 'draft.presets',
    ])
  })

  it('tell how far they have come, and nothing of what was done before', async () => {
    const seen: unknown[] = []
    const { store } = open({
      'draft.presets': () => {
        seen.push(project.progress)
        project.progress = { phase: 'try presets', done: 200, total: 200 }
        return found
      },
    })
    const project = useProjectStore()
    project.progress = { phase: 'read test images', done: 300, total: 300 }
    await store.tryAll(draft(1))
    expect([...seen, project.progress]).toEqual([null, null])
  })

  it('keep a refusal to show it', async () => {
    const refusal = new VebiError('bad-data', 'None can be read.')
    const { store } = open({ 'draft.presets': () => Promise.reject(refusal) })
    await store.tryAll(draft(1))
    expect(store.trialsOf(draft(1))?.error).toBe(refusal)
  })
})

describe('what the model’s file suggests', () => {
  const suggestion = {
    preprocessing: { scale: 1, mean: [1, 2, 3], std: [1, 1, 1], order: 'rgb', resize: 'crop' },
    classes: ['a', 'b'],
  } as const

  it('fills the fields once for each model, so that changes stay', () => {
    const { store } = open({})
    store.takeSuggestion({ hash: 'first', suggestion })
    expect(store.asked).toMatchObject({ scale: '1', mean: '1, 2, 3', resize: 'crop', classNames: 'model', filledFrom: 'first' })
    store.commit({ mean: '5' })
    store.takeSuggestion({ hash: 'first', suggestion })
    expect(store.form.mean).toBe('5')
  })

  it('does not stay behind for a model whose file says nothing, but what was typed does', () => {
    const { store } = open({})
    store.takeSuggestion({ hash: 'first', suggestion })
    store.takeSuggestion({ hash: 'second' })
    expect(store.form).toMatchObject({ scale: '1/255', mean: '0', resize: 'fit', classNames: 'images', filledFrom: 'second' })
    store.takeSuggestion({ hash: 'first', suggestion })
    store.commit({ mean: '5' })
    store.takeSuggestion({ hash: 'second' })
    expect(store.form).toMatchObject({ scale: '1', mean: '5', classNames: 'images' })
  })

  it('leaves what was typed where neither file says anything', () => {
    const { store } = open({})
    store.takeSuggestion({ hash: 'first' })
    store.commit({ scale: '1', order: 'bgr' })
    store.takeSuggestion({ hash: 'second' })
    expect(store.form).toMatchObject({ scale: '1', order: 'bgr', filledFrom: 'second' })
  })

  it('does not stay behind after the page was loaded anew', async () => {
    open({}).store.takeSuggestion({ hash: 'first', suggestion })
    await nextTick()
    const { store } = open({})
    expect(store.form).toMatchObject({ scale: '1', mean: '1, 2, 3', filledFrom: 'first' })
    store.takeSuggestion({ hash: 'second' })
    expect(store.form).toMatchObject({ scale: '1/255', mean: '0', resize: 'fit' })
  })
})

it('starts over empty', async () => {
  const { store, calls } = open({ 'draft.close': () => null })
  store.commit({ model: '/m' })
  store.step = 'data'
  await store.startOver()
  expect(store.isEmpty).toBe(true)
  expect(store.step).toBe('model')
  expect(calls).toEqual([{ name: 'draft.close', argument: undefined }])
})
