import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { Draft } from '../../../shared/contract.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { PresetTrials } from '../../../shared/preset-trials.ts'
import { MOST_TRIED } from '../../../shared/preset-trials.ts'
import type { ModelReport } from '../../../shared/model-report.ts'
import type { DraftAccuracy } from '../../../shared/project-info.ts'
import { useHost } from '../../api/host.ts'
import { canonical } from '../../lib/canonical.ts'
import { recall, remember } from '../../lib/storage.ts'
import { useProjectStore } from '../../stores/project.ts'
import { EMPTY_FORM, restoredForm, type DraftForm } from './draft-form.ts'
import { filledFrom } from './presets.ts'
import { measuredAs, trialsKey } from './trials.ts'

export const DRAFT_STEPS = ['model', 'data', 'preprocessing', 'project'] as const
export type DraftStep = (typeof DRAFT_STEPS)[number]

/** Test images that an accuracy is measured on. */
export const MEASURED_IMAGES = MOST_TRIED

/** An accuracy that is being measured, was measured, or could not be. */
export interface Measurement {
  readonly data: DraftAccuracy | null
  readonly error: unknown
}

/** All presets, likewise. */
export interface Trials {
  readonly data: PresetTrials | null
  readonly error: unknown
}

const MEASURING = { data: null, error: null } as const
const KEY = 'new-project'
const FILLED_KEY = 'new-project-filled'
const PREPROCESSING_FIELDS = ['scale', 'mean', 'std', 'order', 'resize'] as const

/** The project that is being thought about. It outlives its screen and a reload of the page. */
export const useDraftStore = defineStore('new-project', () => {
  const host = useHost()
  const project = useProjectStore()
  const form = shallowRef<DraftForm>(restoredForm(recall(KEY)))
  const step = ref<DraftStep>('model')
  /** The form as it was when typing paused: what the engine is asked about. */
  const asked = shallowRef(form.value)
  const measurements = shallowReactive(new Map<string, Measurement>())
  const underWay = new Map<string, Promise<void>>()
  /** What the fields were last filled with: another model takes it out again, but not what the user typed. */
  let filled = restoredForm(recall(FILLED_KEY))
  /** By what they depend on, which is not the numbers that are tried. */
  const trials = shallowReactive(new Map<string, Trials>())
  /** Those that the user stopped. */
  const stopped = new Set<string>()

  const isEmpty = computed(() => canonical(form.value) === canonical(EMPTY_FORM))

  function set(changes: Partial<DraftForm>): void {
    form.value = { ...form.value, ...changes }
  }

  /** Typing has ended. */
  function commit(changes: Partial<DraftForm> = {}): void {
    set(changes)
    asked.value = form.value
  }

  /** Fills the fields with what the file of another model says about its images and classes; once for each model. */
  function takeSuggestion({ hash, suggestion }: Pick<ModelReport, 'hash' | 'suggestion'>): void {
    if (hash === form.value.filledFrom) return
    const isUntouched = PREPROCESSING_FIELDS.every((name) => form.value[name] === filled[name])
    const { scale, mean, std, order, resize } = isUntouched ? EMPTY_FORM : form.value
    const said = filledFrom(suggestion)
    keepFilled({ ...EMPTY_FORM, ...said })
    commit({ scale, mean, std, order, resize, ...said, filledFrom: hash })
  }

  function keepFilled(fields: DraftForm): void {
    filled = fields
    remember(FILLED_KEY, fields)
  }

  /** Its own measurement, or that of the same preprocessing among the trials. */
  function measurementOf(draft: Draft | null): Measurement | null {
    if (draft === null) return null
    const own = measurements.get(canonical(draft))
    if (own?.data) return own
    const known = trialsOf(draft)?.data
    const data = known ? measuredAs(known, draft.preprocessing) : null
    return data ? { data, error: null } : (own ?? null)
  }

  function trialsOf(draft: Draft | null): Trials | null {
    return draft === null ? null : (trials.get(trialsKey(draft)) ?? null)
  }

  /** Measures the accuracy, once for the same draft. The engine ends the measurement before. */
  function measure(draft: Draft): Promise<void> {
    const key = canonical(draft)
    const known = underWay.get(key)
    if (known) return known
    if (measurementOf(draft)?.data) return Promise.resolve()
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
    trials.delete(trialsKey(draft))
    return measure(draft)
  }

  /** Tries all presets; the engine ends them when another measurement is asked for, and at `stopTrying`. */
  async function tryAll(draft: Draft): Promise<void> {
    const key = trialsKey(draft)
    trials.set(key, MEASURING)
    project.progress = null
    try {
      const data = await host.call('draft.presets', { draft, images: MEASURED_IMAGES })
      trials.set(key, { data, error: null })
    } catch (error) {
      if (error instanceof VebiError && error.code === 'cancelled') return void trials.delete(key)
      trials.set(key, { data: null, error })
    } finally {
      project.progress = null
    }
    await measureMissing(draft)
  }

  /** The accuracy that the trials have ended, where they do not answer for it. */
  async function measureMissing(draft: Draft): Promise<void> {
    // Its end may not have been told yet.
    await underWay.get(canonical(draft))
    if (measurementOf(draft) === null) await measure(draft)
  }

  /** Tries them unasked, once the own measurement is there; not again where the user stopped it. */
  async function tryUnasked(draft: Draft): Promise<void> {
    const key = trialsKey(draft)
    if (!trials.has(key) && !stopped.has(key)) await tryAll(draft)
  }

  async function stopTrying(draft: Draft): Promise<void> {
    stopped.add(trialsKey(draft))
    await host.call('draft.stop')
    await measureMissing(draft)
  }

  /** Empties the form and lets the engine go of what it has opened. */
  async function startOver(): Promise<void> {
    commit(EMPTY_FORM)
    keepFilled(EMPTY_FORM)
    step.value = 'model'
    measurements.clear()
    trials.clear()
    stopped.clear()
    await host.call('draft.close')
  }

  watch(form, (entries) => remember(KEY, entries))

  return {
    form,
    step,
    asked,
    isEmpty,
    set,
    commit,
    takeSuggestion,
    measurementOf,
    trialsOf,
    measure,
    measureAgain,
    tryAll,
    tryUnasked,
    stopTrying,
    startOver,
  }
})
