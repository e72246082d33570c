import type { Draft } from '../../../shared/contract.ts'
import { areSameValues } from '../../../shared/preprocessing-presets.ts'
import type { PresetTrials } from '../../../shared/preset-trials.ts'
import type { DraftAccuracy, PreprocessingOverrides } from '../../../shared/project-info.ts'
import { canonical } from '../../lib/canonical.ts'

/** Equal for drafts whose trials are the same: scale, mean, deviation and order are what is tried. */
export function trialsKey({ preprocessing, ...paths }: Draft): string {
  const { height, width, channels, resize } = preprocessing
  return canonical({ ...paths, height, width, channels, resize })
}

/** What the trials say of one preprocessing; null where it was not tried. */
export function measuredAs(
  { images, unreadable, chance, trials }: PresetTrials,
  { scale = 1, mean = 0, std = 1, order = 'rgb', resize = 'fit' }: PreprocessingOverrides,
): DraftAccuracy | null {
  const list = (values: number | readonly number[]): readonly number[] => (typeof values === 'number' ? [values] : values)
  const values = { scale, mean: list(mean), std: list(std), order }
  const trial = trials.find(({ preprocessing }) => {
    return preprocessing.resize === resize && areSameValues(preprocessing, values, preprocessing.channels)
  })
  return trial ? { images, unreadable, chance, accuracy: trial.accuracy, commonest: trial.commonest } : null
}
