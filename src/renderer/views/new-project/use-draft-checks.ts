import { computed, inject, provide, watch, type ComputedRef, type InjectionKey } from 'vue'
import type { Draft } from '../../../shared/contract.ts'
import type { Suggestion } from '../../../shared/graph.ts'
import type { ImageInput, PreprocessingPreset } from '../../../shared/preprocessing-presets.ts'
import type { ModelReport } from '../../../shared/model-report.ts'
import type { DraftPreview } from '../../../shared/project-info.ts'
import { useResult, type Result } from '../../composables/use-result.ts'
import { useProjectStore } from '../../stores/project.ts'
import { imageInput } from './capabilities.ts'
import { draftOf, parsePreprocessing, type FieldName, type ParsedPreprocessing } from './draft-form.ts'
import { offeredPresets } from './presets.ts'
import { DRAFT_STEPS, useDraftStore, type DraftStep } from './draft-store.ts'
import { fieldOfRefusal, stepOfField } from './refusal.ts'

/** Until the model is known. */
const UNKNOWN_INPUT: ImageInput = { height: 224, width: 224, channels: 3 }
/** Samples of a preview. */
const SAMPLES = 6

/** What the engine says about the form, step by step. */
export interface DraftChecks {
  readonly report: Result<ModelReport>
  /** Channels of the model's input; 3 until it is known. */
  readonly channels: ComputedRef<1 | 3>
  /** What the model's file says about its images and classes. */
  readonly suggestion: ComputedRef<Suggestion | undefined>
  /** Preprocessing to choose from. */
  readonly presets: ComputedRef<readonly PreprocessingPreset[]>
  /** Model and data together, whatever the preprocessing. */
  readonly data: Result<DraftPreview>
  readonly preview: Result<DraftPreview>
  /** Of the form as it stands, for messages while typing. */
  readonly parsed: ComputedRef<ParsedPreprocessing>
  /** Everything as typing ended; null while something is missing or wrong. */
  readonly draft: ComputedRef<Draft | null>
  readonly isDone: (step: DraftStep) => boolean
  /** Whether all steps before are done. */
  readonly isReachable: (step: DraftStep) => boolean
  /** The refusal of the data or the preprocessing that is about this field. */
  readonly refusalAt: (field: FieldName) => unknown
  /** A refusal about no field of the step. */
  readonly refusalBeside: (step: DraftStep) => unknown
}

const CHECKS: InjectionKey<DraftChecks> = Symbol('checks of the new project')

export function provideDraftChecks(): DraftChecks {
  const store = useDraftStore()
  const project = useProjectStore()
  const report = useResult('model.inspect', () => pathArgument(store.asked.model), { keep: false })
  const image = computed(() => (report.data === null ? null : imageInput(report.data)))
  const channels = computed(() => image.value?.channels ?? 3)
  const suggestion = computed(() => report.data?.suggestion)
  const presets = computed(() => offeredPresets(image.value ?? UNKNOWN_INPUT, suggestion.value))
  watch(
    () => report.data,
    (model) => {
      if (model !== null) store.takeSuggestion(model)
    },
    { immediate: true },
  )

  const data = useResult('draft.preview', () => {
    const draft = image.value === null ? null : draftOf(store.asked, {})
    return draft === null ? null : { draft, role: 'train', count: 1 }
  })
  // How far the question before had come says nothing of this one.
  watch(
    () => data.pending,
    () => {
      if (project.preparing === null) project.progress = null
    },
  )
  const parsed = computed(() => parsePreprocessing(store.form, channels.value))
  const draft = computed(() => {
    const { overrides } = parsePreprocessing(store.asked, channels.value)
    return data.state === 'ready' && overrides !== null ? draftOf(store.asked, overrides) : null
  })
  const preview = useResult('draft.preview', () =>
    draft.value === null ? null : { draft: draft.value, role: 'test', count: SAMPLES },
  )

  function isDone(step: DraftStep): boolean {
    switch (step) {
      case 'model':
        return image.value !== null
      case 'data':
        return data.state === 'ready'
      case 'preprocessing':
        return preview.state === 'ready' && parsed.value.overrides !== null
      case 'project':
        return false
    }
  }

  function isReachable(step: DraftStep): boolean {
    return DRAFT_STEPS.slice(0, DRAFT_STEPS.indexOf(step)).every(isDone)
  }

  const refusals = computed(() =>
    [data.error, preview.error]
      .filter((error) => error !== null)
      .map((error) => ({ error, field: fieldOfRefusal(error, store.asked) })),
  )

  function refusalAt(field: FieldName): unknown {
    return refusals.value.find((refusal) => refusal.field === field)?.error ?? null
  }

  function refusalBeside(step: DraftStep): unknown {
    const own = step === 'data' ? data.error : step === 'preprocessing' ? preview.error : null
    const { field = null } = refusals.value.find(({ error }) => error === own) ?? {}
    return field !== null && stepOfField(field) === step ? null : own
  }

  const checks: DraftChecks = {
    report,
    channels,
    suggestion,
    presets,
    data,
    preview,
    parsed,
    draft,
    isDone,
    isReachable,
    refusalAt,
    refusalBeside,
  }
  provide(CHECKS, checks)
  return checks
}

export function useDraftChecks(): DraftChecks {
  const checks = inject(CHECKS)
  if (!checks) throw new Error('No checks are provided.')
  return checks
}

function pathArgument(text: string): { path: string } | null {
  const path = text.trim()
  return path === '' ? null : { path }
}
