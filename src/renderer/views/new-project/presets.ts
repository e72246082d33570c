import type { Suggestion } from '../../../shared/graph.ts'
import {
  areSameValues,
  numbersText,
  numberText,
  presetsFor,
  suggestedPreset,
  takenFromFile,
  type ImageInput,
  type PreprocessingPreset,
  type PresetValues,
} from '../../../shared/preprocessing-presets.ts'
import { parsePreprocessing, type DraftForm } from './draft-form.ts'

/** The part of the preprocessing that a preset decides, as typed. */
export type TypedValues = Pick<DraftForm, 'scale' | 'mean' | 'std' | 'order'>

/** What to offer for a network: first what its file suggests, then the usual ways. */
export function offeredPresets(input: ImageInput, suggestion: Suggestion | undefined): readonly PreprocessingPreset[] {
  const suggested = suggestedPreset(suggestion)
  return [...(suggested ? [suggested] : []), ...presetsFor(input)]
}

export function typed({ scale, mean, std, order }: PresetValues): TypedValues {
  return { scale: numberText(scale), mean: numbersText(mean), std: numbersText(std), order }
}

/** The first preset whose numbers the form holds, however they are written; null where there is none. */
export function presetOf(
  form: DraftForm,
  presets: readonly PreprocessingPreset[],
  channels: 1 | 3,
): PreprocessingPreset | null {
  return presets.find(({ values }) => holds(form, values, channels)) ?? null
}

/** Whether the form holds these numbers. */
export function holds(form: DraftForm, values: PresetValues, channels: 1 | 3): boolean {
  const { overrides } = parsePreprocessing(form, channels)
  if (overrides === null) return false
  const { scale = 1, mean = 0, std = 1, order = 'rgb' } = overrides
  return areSameValues({ scale, mean: listOf(mean), std: listOf(std), order }, values, channels)
}

/** What the fields of a new project are filled with out of the model's own file; empty where it says nothing. */
export function filledFrom(suggestion: Suggestion | undefined): Partial<DraftForm> {
  const preprocessing = takenFromFile({}, suggestion)
  const classes = suggestion?.classes
  return {
    ...(preprocessing ? { ...typed(preprocessing), resize: preprocessing.resize } : {}),
    classNames: classes ? 'model' : 'images',
  }
}

/** Whether the form holds all that the file suggests of the preprocessing. */
export function isAsSuggested(form: DraftForm, suggestion: Suggestion | undefined, channels: 1 | 3): boolean {
  const preprocessing = suggestion?.preprocessing
  if (!preprocessing) return false
  return form.resize === preprocessing.resize && holds(form, preprocessing, channels)
}

function listOf(values: number | readonly number[]): readonly number[] {
  return typeof values === 'number' ? [values] : values
}
