import type { AblationCurve, AblationEffect, AblationPoint } from '../../../shared/results.ts'
import { formatCount, formatShare } from '../../lib/format.ts'

/** What the ablation of one layer set says, and whether it speaks for its features. */
export interface AblationWords {
  readonly verdict: 'below' | 'within' | 'above' | 'none'
  readonly sentence: string
  /** What follows from it. */
  readonly conclusion: string
}

/** @param whose the class whose accuracy it is; mean class accuracy where left out. */
export function ablationWords(
  original: number,
  { name, points }: Pick<AblationCurve, 'name'> & { readonly points: readonly Omit<AblationPoint, 'perClass'>[] },
  whose = '',
): AblationWords {
  const last = points.at(-1)
  if (!last || last.removed === 0) {
    return {
      verdict: 'none',
      sentence: `${name} has no relevant features at this μ: there is nothing to remove.`,
      conclusion: '',
    }
  }
  const features = `the ${formatCount(last.removed)} relevant ${last.removed === 1 ? 'feature' : 'features'} of ${name}`
  const low = (last.randomLow * 100).toFixed(1)
  const sentence =
    `Removing ${features} takes the accuracy ${whose && `of ${whose} `}from ${formatShare(original)} to ${formatShare(last.accuracy)}; ` +
    `removing as many random features of the same layers leaves ${formatShare(last.random)} ` +
    `(95 % band ${low} to ${formatShare(last.randomHigh)}).`
  if (last.accuracy < last.randomLow) {
    return { verdict: 'below', sentence, conclusion: 'The network relies on these features more than on others.' }
  }
  if (last.accuracy <= last.randomHigh) {
    return {
      verdict: 'within',
      sentence,
      conclusion: 'That is within the band: this does not show that they matter more than random features.',
    }
  }
  return {
    verdict: 'above',
    sentence,
    conclusion: 'That is above the band: at this μ the network misses random features more than these.',
  }
}

/** What a class loses with its own features alone; empty where it has none. */
export function ownFeatureWords({ classwise }: Pick<AblationCurve, 'classwise'>, classIndex: number): string {
  const effect = classwise.find((one) => one.classIndex === classIndex)
  if (!effect) return ''
  const points100 = (loss: number): string => (loss * 100).toFixed(1).replace('-', '−')
  return (
    `Its own features with positive weight alone (${formatCount(effect.features)}) cost it ` +
    `${points100(effect.lossOwn)} points, random features of the same layers ${points100(effect.lossRandom)} ` +
    `(95 % band ${points100(effect.lossRandomLow)} to ${points100(effect.lossRandomHigh)}).`
  )
}

/** The mean over the classes of what removing their own features does. */
export function classwiseWords({ name, classwise }: AblationCurve): string {
  if (classwise.length === 0) return `No class has a feature of ${name} with positive weight.`
  const mean = (pick: (effect: AblationEffect) => number): string =>
    ((classwise.reduce((sum, effect) => sum + pick(effect), 0) / classwise.length) * 100).toFixed(1)
  return (
    `Removing only the features of ${name} with positive weight for one class costs that class ` +
    `${mean(({ lossOwn }) => lossOwn)} points of accuracy on average and the other classes ` +
    `${mean(({ lossOthers }) => lossOthers)}; random features of the same layers cost it ` +
    `${mean(({ lossRandom }) => lossRandom)}.`
  )
}
