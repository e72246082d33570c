import type { DraftAccuracy } from '../../../shared/project-info.ts'
import { formatShare } from '../../lib/format.ts'

/** What an accuracy on a few images says about the preprocessing, in plain words. */
export interface Verdict {
  readonly kind: 'good' | 'doubtful' | 'bad'
  readonly title: string
  readonly text: string
}

/** Standard errors above guessing from which an accuracy is no accident. */
const CLEAR = 3
/** A network that is used for its explanations should be right more often than not. */
const USUAL = 0.5
/** Share of one predicted class that no even mix of classes explains. */
const ONE_SIDED = 0.5

export function verdictOn(accuracy: DraftAccuracy, classes: readonly string[]): Verdict {
  const { images, chance, commonest } = accuracy
  const error = Math.sqrt((chance * (1 - chance)) / images)
  const name = classes[commonest.classIndex] ?? `class ${commonest.classIndex}`
  const oneSided = chance < 1 && commonest.share > Math.max(ONE_SIDED, 2 * chance)
  if (accuracy.accuracy <= chance + CLEAR * error && chance < 1) {
    return {
      kind: 'bad',
      title: 'No better than guessing',
      text: oneSided
        ? `"${name}" is predicted for ${formatShare(commonest.share, 0)} of the images, as happens with a wrong scale ` +
          'or mean: try the presets.'
        : 'The predictions are spread over the classes but do not fit the labels: the classes may stand in another ' +
          'order than the outputs of the network (see the label file under Images), or scale or mean are wrong.',
    }
  }
  if (oneSided) {
    return {
      kind: 'doubtful',
      title: 'One class is predicted too often',
      text: `"${name}" is predicted for ${formatShare(commonest.share, 0)} of the images. Scale or mean may be wrong: try the presets.`,
    }
  }
  if (accuracy.accuracy < USUAL) {
    return {
      kind: 'doubtful',
      title: 'Better than guessing, but low',
      text: 'Compare with the accuracy that the network is known for. A wrong mean or channel order costs this much: try the presets.',
    }
  }
  return {
    kind: 'good',
    title: 'As a trained network should',
    text: 'Compare with the accuracy that the network is known for: a wrong channel order may cost only a few percent.',
  }
}
