import { mcnemarP } from '../../core/mcnemar.ts'
import { renamedAccuracy } from '../../core/renamed-accuracy.ts'
import type { PresetTrial, PresetTrials } from '../../shared/preset-trials.ts'
import type { Candidate } from './preset-candidates.ts'

/** A candidate with what the network says of each image. */
export interface Tried {
  readonly candidate: Candidate
  /** Predicted class. */
  readonly predicted: Int32Array
  /** Probability of the image's own class. */
  readonly probabilities: Float64Array
}

/** Below it, two that are right on different images are told apart. */
const SIGNIFICANT = 0.05
/** Standard errors above random predictions from which an accuracy is no accident. */
const CLEAR = 3
/** Images of a class, on average, that show which prediction goes with it. */
const LEAST_PER_CLASS = 5
/** Accuracy under other names that no accident reaches. */
const LEAST_RENAMED = 0.4
/** Probabilities below, and what is no number, count as this one, so that a rounded zero does not decide alone. */
const LEAST_PROBABILITY = 1e-7

interface Ranked extends Tried {
  readonly isRight: readonly boolean[]
  readonly accuracy: number
  readonly logLoss: number
  /** Images predicted as each class, `[classes]`. */
  readonly predictions: readonly number[]
  /** Accuracy of the same predictions dealt out at random: of each class as many, but to any images. */
  readonly atRandom: number
  /** Accuracy if the outputs had other names. */
  readonly renamed: number
}

/**
 * Ranks by accuracy; those that McNemar's test cannot tell from the most accurate one, by their log loss.
 *
 * @param labels `[images]`, the class of each.
 */
export function judge(
  tried: readonly Tried[],
  labels: Int32Array,
  classCount: number,
): Omit<PresetTrials, 'unreadable'> {
  const images = labels.length
  const perClass = countsOf(labels, classCount)
  const chance = Math.max(...perClass) / images
  const ranked = tried.map((each) => measured(each, labels, perClass)).sort((a, b) => b.accuracy - a.accuracy)
  const [mostRight] = ranked
  const bestRenamed = ranked.reduce((best, each) => (each.renamed > best.renamed ? each : best))
  // Renamed, predictions that have nothing to do with the labels reach no more than the share of the commonest label.
  const isInOtherOrder =
    images >= LEAST_PER_CLASS * perClass.filter((count) => count > 0).length &&
    bestRenamed.renamed >= Math.max(LEAST_RENAMED, 2 * mostRight.accuracy + 0.1) &&
    bestRenamed.renamed > mostByAccident(chance, images)
  // Images of one class alone cannot tell knowing from naming that class.
  const isGuessing =
    mostRight.accuracy === 0 ||
    (chance < 1 && ranked.every(({ accuracy, atRandom }) => accuracy <= mostByAccident(atRandom, images)))
  const leaders = isInOtherOrder || isGuessing ? [] : ranked.filter((each) => isTied(mostRight.isRight, each.isRight))
  leaders.sort((a, b) => a.logLoss - b.logLoss)
  const trials = [...leaders, ...ranked.filter((each) => !leaders.includes(each))].map((each): PresetTrial => {
    const commonest = each.predictions.indexOf(Math.max(...each.predictions))
    return {
      ...each.candidate,
      accuracy: each.accuracy,
      logLoss: each.logLoss,
      commonest: { classIndex: commonest, share: each.predictions[commonest] / images },
      standing: !leaders.includes(each) ? 'worse' : each === leaders[0] ? 'best' : 'tied',
    }
  })
  const outcome = isInOtherOrder ? 'order' : isGuessing ? 'guessing' : leaders.length > 1 ? 'tie' : 'clear'
  const verdict = outcome === 'order' ? orderVerdict(bestRenamed, images) : verdictOf(outcome, trials, images, mostRight.atRandom)
  return { images, chance, trials, outcome, verdict }
}

function measured(tried: Tried, labels: Int32Array, perClass: readonly number[]): Ranked {
  const images = labels.length
  const isRight = Array.from(tried.predicted, (winner, i) => winner === labels[i])
  const loss = tried.probabilities.reduce((sum, p) => sum - Math.log(p > LEAST_PROBABILITY ? p : LEAST_PROBABILITY), 0)
  const predictions = countsOf(tried.predicted, perClass.length)
  return {
    ...tried,
    isRight,
    accuracy: isRight.filter(Boolean).length / images,
    logLoss: loss / images,
    predictions,
    renamed: renamedAccuracy(labels, tried.predicted),
    atRandom: perClass.reduce((sum, count, j) => sum + (count / images) * (predictions[j] / images), 0),
  }
}

/** The share of right images that chance still reaches where it is right for `expected` of them. */
function mostByAccident(expected: number, images: number): number {
  return expected + CLEAR * Math.sqrt((expected * (1 - expected)) / images)
}

function isTied(best: readonly boolean[], other: readonly boolean[]): boolean {
  const onlyBest = best.filter((right, i) => right && !other[i]).length
  const onlyOther = other.filter((right, i) => right && !best[i]).length
  return mcnemarP(onlyBest, onlyOther) > SIGNIFICANT
}

function orderVerdict({ candidate, renamed, accuracy }: Ranked, images: number): string {
  return (
    'The classes stand in another order than the outputs of the network: the predictions go with the labels, but under ' +
    `other numbers. Renamed, those with "${candidate.name}" would be right for ${percent(renamed)} of ${images} images, ` +
    `instead of ${percent(accuracy)}. Name the classes in the order of the outputs, in a file of labels.`
  )
}

function verdictOf(
  outcome: Exclude<PresetTrials['outcome'], 'order'>,
  trials: readonly PresetTrial[],
  images: number,
  atRandom: number,
): string {
  const [best, second] = trials
  const on = `${images} ${images === 1 ? 'image' : 'images'}`
  switch (outcome) {
    case 'guessing':
      return (
        `None is better than guessing: at most ${percent(best.accuracy)} of ${on} are right, where the same ` +
        `predictions dealt out at random reach ${percent(atRandom)}. The classes may stand in another order than the ` +
        'outputs of the network, or the network may be made for other images.'
      )
    case 'tie': {
      const tied = trials.filter(({ standing }) => standing !== 'worse').map(named)
      const listed = `${tied.slice(0, -1).join(', ')} and ${tied.at(-1)!}`
      const undecided = `${listed} cannot be told apart on ${on}.`
      const [least, next] = [best.logLoss.toPrecision(2), second.logLoss.toPrecision(2)]
      if (least === next) return `${undecided} Take the one that the network was trained with.`
      return (
        `${undecided} "${best.name}" is the likeliest: with it the network gives the right classes the highest ` +
        `probabilities (log loss ${least}, next ${next}).`
      )
    }
    case 'clear': {
      const next = second ? `, clearly more often than the next, ${named(second)}` : ''
      return `${named(best)} is right most often on ${on}${next}.`
    }
  }
}

function named({ name, accuracy }: PresetTrial): string {
  return `"${name}" (${percent(accuracy)})`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function countsOf(classes: Int32Array, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0)
  for (const each of classes) counts[each]++
  return counts
}
