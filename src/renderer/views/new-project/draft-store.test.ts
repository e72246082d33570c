import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Draft } from '../../../shared/contract.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { DraftAccuracy } from '../../../shared/results.ts'
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

  it('is tried with one setting after another', async () => {
    let running = 0
    const { store, calls } = open({
      'draft.accuracy': async ({ draft: { preprocessing } }) => {
        expect(++running).toBe(1)
        await Promise.resolve()
        running--
        return measured(preprocessing.scale ?? 0)
      },
    })
    const work = store.tryAll([draft(0.1), draft(0.2), draft(0.3)])
    expect(store.trying).toEqual({ done: 0, total: 3 })
    await work
    expect(store.trying).toBeNull()
    expect(calls).toHaveLength(3)
    expect(store.measurementOf(draft(0.3))?.data?.accuracy).toBe(0.3)
  })

  it('tries no further once it is stopped or another measurement took over', async () => {
    const { store, calls } = open({ 'draft.accuracy': async () => measured(0.1) })
    const work = store.tryAll([draft(1), draft(2)])
    store.stopTrying()
    await work
    expect(calls).toHaveLength(1)
    const { store: other, calls: otherCalls } = open({
      'draft.accuracy': () => Promise.reject(new VebiError('cancelled', 'Cancelled.')),
    })
    await other.tryAll([draft(1), draft(2)])
    expect(otherCalls).toHaveLength(1)
    expect(other.trying).toBeNull()
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
