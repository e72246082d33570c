import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { Draft } from '../../../shared/contract.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { DraftAccuracy } from '../../../shared/results.ts'
import { useHost } from '../../api/host.ts'
import { canonical } from '../../lib/canonical.ts'
import { recall, remember } from '../../lib/storage.ts'
import { EMPTY_FORM, restoredForm, type DraftForm } from './draft-form.ts'

export const DRAFT_STEPS = ['model', 'data', 'preprocessing', 'project'] as const
export type DraftStep = (typeof DRAFT_STEPS)[number]

/** Test images that an accuracy is measured on. */
export const MEASURED_IMAGES = 200

/** An accuracy that is being measured, was measured, or could not be. */
export interface Measurement {
  readonly data: DraftAccuracy | null
  readonly error: unknown
}

const MEASURING: Measurement = { data: null, error: null }
const KEY = 'new-project'

/** The project that is being thought about. It outlives its screen and a reload of the page. */
export const useDraftStore = defineStore('new-project', () => {
  const host = useHost()
  const form = shallowRef<DraftForm>(restoredForm(recall(KEY)))
  const step = ref<DraftStep>('model')
  /** The form as it was when typing paused: what the engine is asked about. */
  const asked = shallowRef(form.value)
  const measurements = shallowReactive(new Map<string, Measurement>())
  const underWay = new Map<string, Promise<void>>()
  /** How far the trials have come; null while there are none. */
  const trying = shallowRef<{ readonly done: number; readonly total: number } | null>(null)
  let round = 0

  const isEmpty = computed(() => canonical(form.value) === canonical(EMPTY_FORM))

  function set(changes: Partial<DraftForm>): void {
    form.value = { ...form.value, ...changes }
  }

  /** Typing has ended. */
  function commit(changes: Partial<DraftForm> = {}): void {
    set(changes)
    asked.value = form.value
  }

  function measurementOf(draft: Draft | null): Measurement | null {
    return draft === null ? null : (measurements.get(canonical(draft)) ?? null)
  }

  /** Measures the accuracy, once for the same draft. The engine ends the measurement before. */
  function measure(draft: Draft): Promise<void> {
    const key = canonical(draft)
    const known = underWay.get(key)
    if (known) return known
    if (measurements.get(key)?.data) return Promise.resolve()
    const work = ask(draft, key).finally(() => underWay.delete(key))
    underWay.set(key, work)
    return work
  }

  async function ask(draft: Draft, key: string): Promise<void> {
    measurements.set(key, MEASURING)
    try {
      const data = await host.call('draft.accuracy', { draft, images: MEASURED_IMAGES })
      measurements.set(key, { data, error: null })
    } catch (error) {
      if (error instanceof VebiError && error.code === 'cancelled') measurements.delete(key)
      else measurements.set(key, { data: null, error })
    }
  }

  function measureAgain(draft: Draft): Promise<void> {
    measurements.delete(canonical(draft))
    return measure(draft)
  }

  /** Measures one after another, until another measurement is asked for or `stopTrying`. */
  async function tryAll(drafts: readonly Draft[]): Promise<void> {
    const mine = ++round
    for (const [done, draft] of drafts.entries()) {
      trying.value = { done, total: drafts.length }
      await measure(draft)
      if (mine !== round) return
      // Ended by another measurement.
      if (measurementOf(draft) === null) break
    }
    trying.value = null
  }

  /** The measurement under way still ends. */
  function stopTrying(): void {
    round++
    trying.value = null
  }

  /** Empties the form and lets the engine go of what it has opened. */
  async function startOver(): Promise<void> {
    stopTrying()
    commit(EMPTY_FORM)
    step.value = 'model'
    measurements.clear()
    await host.call('draft.close')
  }

  watch(form, (entries) => remember(KEY, entries))

  return {
    form,
    step,
    asked,
    trying,
    isEmpty,
    set,
    commit,
    measurementOf,
    measure,
    measureAgain,
    tryAll,
    stopTrying,
    startOver,
  }
})
