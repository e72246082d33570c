import { IOU_THRESHOLDS } from '../../../core/iou.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { Network } from '../../model/network.ts'
import { randomisedGraph } from '../../model/randomised.ts'
import { spreadIndexes } from '../image-set.ts'
import { centreBoxShare, maskedImages, maskSet } from '../masks.ts'
import { networkInputs, type Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch } from './image-scores.ts'
import { overlapResult } from './iou-result.ts'
import { overlapKinds, overlapScores, type OverlapSetting } from './iou-scores.ts'
import { flowerVariant } from './paper-figures.ts'
import { validationImages, type NoValidation, type ValidationImages } from './validation-images.ts'

/** Images at once: maps of every kind are held for all of them. */
const BATCH = 64

/**
 * Overlap of heatmaps with masks (paper, section 4.3): IoU over thresholds, pointing game and mass inside the mask, for
 * the kinds of heatmaps that the paper compares and for maps that know nothing of the network.
 */
export async function checkIou(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const { test, config, graph } = project
  const selection = await select(project, spec.selection, context)
  const indexes = maskedTestImages(project, spec.images)
  const validation = await validationImages(project)
  const variant = flowerVariant(project)
  const inputs = checkInputs(project, spec, selection, {
    masks: (await maskSet(test, config.preprocessing)).key,
    validation: 'key' in validation ? validation.key : null,
    variant,
  })
  return cachedCheck(project, inputs, async (writer) => {
    const shuffled = new Network(randomisedGraph(graph, spec.seed))
    try {
      const setting = { project, spec, selection, shuffled, boxShare: await centreBoxShare(project) }
      const thresholds = await chosenThresholds(setting, validation, context)
      const plan = {
        phase: 'overlap with masks',
        source: test,
        indexes,
        batchSize: BATCH,
        score: (batch: ScoredBatch) => overlapScores(setting, test, batch),
      }
      const scores = await scoreImages(project, writer, plan, context)
      requireScored(scores, indexes.length)
      return overlapResult(project, spec, scores, { validation, thresholds, variant })
    } finally {
      shuffled.dispose()
    }
  })
}

/** Up to `count` test images with masks, spread over all. Throws VebiError('not-ready') where there is none. */
export function maskedTestImages({ test, folder }: Project, count: number | null): Int32Array {
  const masked = maskedImages(test)
  if (masked.length === 0) {
    throw new VebiError(
      'not-ready',
      `No test image of ${folder} has a mask: make the project with a folder of masks (--masks).`,
    )
  }
  return spreadIndexes(masked.length, count ?? masked.length).map((place) => masked[place])
}

/**
 * For each kind the index of the threshold with the highest mean IoU on validation images; null without such images.
 * Chosen on the test images themselves it would be too good.
 */
async function chosenThresholds(
  setting: OverlapSetting,
  validation: ValidationImages | NoValidation,
  context: JobContext,
): Promise<number[] | null> {
  if (!('key' in validation)) return null
  const { project } = setting
  const { source, indexes } = validation
  const inputs = thresholdInputs(setting, validation)
  const found = project.store.artifacts.find('validation-overlap', inputs)
  if (found?.complete) return found.meta as number[] | null
  const writer = project.store.artifacts.begin('validation-overlap', inputs)
  const plan = {
    phase: 'choose thresholds',
    source,
    indexes,
    batchSize: BATCH,
    score: (batch: ScoredBatch) => overlapScores(setting, source, batch),
  }
  const thresholds = bestThresholds(await scoreImages(project, writer, plan, context))
  writer.finish(thresholds)
  return thresholds
}

function thresholdInputs(
  { project, spec: { explanation, seed }, selection, boxShare }: OverlapSetting,
  { key }: ValidationImages,
): Record<string, unknown> {
  return {
    ...networkInputs(project),
    images: key,
    selection: selection.key,
    explanation: { ...explanation },
    kinds: overlapKinds().map(({ id }) => id),
    boxShare,
    seed,
  }
}

/** Index of the first highest value of each kind's mean curve; null without images. */
function bestThresholds(scores: ImageScores): number[] | null {
  const images = scores.images.length
  if (images === 0) return null
  const kinds = overlapKinds().length
  const levels = IOU_THRESHOLDS.length
  const sums = new Float64Array(kinds * levels)
  scores.rows('curves').forEach((iou, i) => (sums[i % sums.length] += iou))
  return Array.from({ length: kinds }, (_, kind) => {
    const curve = sums.subarray(kind * levels, (kind + 1) * levels)
    return curve.indexOf(curve.reduce((highest, value) => Math.max(highest, value)))
  })
}
