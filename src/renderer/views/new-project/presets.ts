import type { PreprocessingOverrides } from '../../../shared/results.ts'
import { canonical } from '../../lib/canonical.ts'
import { parsePreprocessing, type DraftForm } from './draft-form.ts'

/** The part of the preprocessing that a preset decides, as typed. */
export type Values = Pick<DraftForm, 'scale' | 'mean' | 'std' | 'order'>

export interface Preset {
  readonly name: string
  /** Input values, or who writes them so. */
  readonly hint: string
  readonly values: Values
}

const RGB = { order: 'rgb' } as const
const COMMON: readonly Preset[] = [
  { name: '0 … 1', hint: 'samples / 255', values: { scale: '1/255', mean: '0', std: '1', ...RGB } },
  { name: '−1 … 1', hint: 'samples / 127.5 − 1', values: { scale: '1/127.5', mean: '1', std: '1', ...RGB } },
  { name: '0 … 255', hint: 'samples as they are', values: { scale: '1', mean: '0', std: '1', ...RGB } },
]
const COLOUR: readonly Preset[] = [
  ...COMMON,
  {
    name: 'Caffe',
    hint: '0 … 255 less the ImageNet mean, BGR',
    values: { scale: '1', mean: '103.939, 116.779, 123.68', std: '1', order: 'bgr' },
  },
  {
    name: 'Torch',
    hint: '0 … 1, ImageNet mean and standard deviation',
    values: { scale: '1/255', mean: '0.485, 0.456, 0.406', std: '0.229, 0.224, 0.225', order: 'rgb' },
  },
]
const GREY: readonly Preset[] = [
  ...COMMON,
  {
    name: 'MNIST',
    hint: '0 … 1, mean and standard deviation of MNIST',
    values: { scale: '1/255', mean: '0.1307', std: '0.3081', ...RGB },
  },
]

/** Usual ways to scale the input of a network with so many channels. */
export function presetsFor(channels: 1 | 3): readonly Preset[] {
  return channels === 3 ? COLOUR : GREY
}

/** The preset whose numbers the form holds, however they are written; null where there is none. */
export function presetOf(form: DraftForm, channels: 1 | 3): Preset | null {
  const wanted = numbersOf(form, channels)
  if (wanted === null) return null
  return presetsFor(channels).find(({ values }) => numbersOf({ ...form, ...values }, channels) === wanted) ?? null
}

/** Equal texts for equal preprocessing; null where the form cannot be read. */
function numbersOf(form: DraftForm, channels: 1 | 3): string | null {
  const { overrides } = parsePreprocessing(form, channels)
  return overrides === null ? null : canonical(spread(overrides, channels))
}

function spread({ mean, std, ...rest }: PreprocessingOverrides, channels: number): unknown {
  const list = (values: PreprocessingOverrides['mean']): readonly number[] => {
    const numbers = typeof values === 'number' ? [values] : (values ?? [])
    return numbers.length === 1 ? Array.from({ length: channels }, () => numbers[0] ?? 0) : numbers
  }
  return { ...rest, mean: list(mean), std: list(std) }
}

/** Something to measure the accuracy with. */
export interface Trial {
  readonly name: string
  /** Whether these are the settings of the form. */
  readonly isNow: boolean
  readonly hint: string
  readonly values: Values
}

/** The settings of the form, the same in the other channel order, and the presets that differ from both. */
export function trialsOf(form: DraftForm, channels: 1 | 3): Trial[] {
  const { scale, mean, std, order } = form
  const name = presetOf(form, channels)?.name ?? 'As entered'
  const trials: Trial[] = [{ name, isNow: true, hint: 'As entered now', values: { scale, mean, std, order } }]
  if (channels === 3) {
    const other = order === 'rgb' ? 'bgr' : 'rgb'
    trials.push({
      name: `${name}, ${other.toUpperCase()}`,
      isNow: false,
      hint: 'As entered now, in the other channel order',
      values: { scale, mean: reversed(mean), std: reversed(std), order: other },
    })
  }
  for (const preset of presetsFor(channels)) trials.push({ ...preset, isNow: false })
  const seen = new Set<string | null>()
  return trials.filter(({ values }) => {
    const numbers = numbersOf({ ...form, ...values }, channels)
    return numbers !== null && !seen.has(numbers) && seen.add(numbers)
  })
}

/** Means and deviations are in the channel order of the network, so they turn with it. */
function reversed(text: string): string {
  return text.split(/[\s,;]+/).filter((part) => part !== '').reverse().join(', ')
}
