import { bootstrapMeans, type Intervals } from '../../../core/bootstrap.ts'
import { fillSamples, OCCLUSION_FILLS } from '../../../core/occlusion-fills.ts'
import { drawPatches } from '../../../core/patch-occlusion.ts'
import { randomStream } from '../../../core/random.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { preprocess } from '../../data/preprocess.ts'
import { centreBoxShare } from '../masks.ts'
import type { Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { mixedConfidences } from './confidences.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { perturbedImages, perturbingKinds, placesOf, testImages, type PerturbedImage } from './perturbed-images.ts'
import { differencesTo, ends, intervalOf, numeric, text, withEnds } from './tables.ts'
import { counted, decimal, side, withinSentence, withInterval } from './words.ts'

/** Images at once: each is looked at some 200 times. */
const BATCH = 16

/** Shares of the image at which the confidence is measured; the last is the paper's. */
const COVERED = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3] as const

/** Side of a patch, as a share of the image's shorter side. */
const PATCH_SHARE = 1 / 14

/**
 * Box occlusion (paper, section 4.3): the image is covered by patches drawn from the distribution that a heatmap
 * defines, until 30 % of it is covered, and the fall of the confidence in the predicted class is measured on the way.
 */
export async function checkOcclusion(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  const boxShare = await centreBoxShare(project)
  return cachedCheck(project, checkInputs(project, spec, selection, { boxShare }), async (writer) => {
    const indexes = testImages(project, spec.images)
    const plan = {
      phase: 'cover the images',
      source: project.test,
      indexes,
      batchSize: BATCH,
      score: async (batch: ScoredBatch): Promise<ScoreRows> => {
        const images = await perturbedImages(project, spec, selection, boxShare, batch)
        const falls: number[] = []
        for (const [row, image] of images.entries()) {
          const step = (share: number): Promise<void> => batch.step((row + share) / images.length)
          falls.push(...(await fallsOf(project, spec, image, step)))
        }
        return { falls: Float64Array.from(falls) }
      },
    }
    const scores = await scoreImages(project, writer, plan, context)
    requireScored(scores, indexes.length)
    return occlusionResult(spec, scores)
  })
}

/** Confidence lost, `[kinds, fills, covered shares]`. All kinds of maps are drawn from with the same random numbers. */
async function fallsOf(
  project: Project,
  spec: CheckSpec,
  { index, image, predicted, confidence, maps }: PerturbedImage,
  step: (share: number) => Promise<void>,
): Promise<Float64Array> {
  const { preprocessing } = project.config
  const { height, width } = image
  const options = { side: Math.max(1, Math.round(PATCH_SHARE * Math.min(height, width))), share: COVERED.at(-1)! }
  const covered = maps.map((map) => drawPatches(map, height, width, options, randomStream(spec.seed, index)))
  const input = preprocess(image, preprocessing)
  const fills = OCCLUSION_FILLS.map(({ id }) =>
    preprocess({ ...image, data: fillSamples(image, id, [spec.seed, index]) }, preprocessing),
  )
  const perKind = fills.length * COVERED.length
  const confidences = await mixedConfidences(
    project,
    maps.length * perKind,
    (i) => {
      return {
        image: input,
        other: fills[Math.floor(i / COVERED.length) % fills.length],
        order: covered[Math.floor(i / perKind)],
        below: COVERED[i % COVERED.length],
      }
    },
    predicted,
    step,
  )
  return confidences.map((value) => confidence - value)
}

/** Mean falls over the covered shares. */
interface Falls {
  readonly kinds: readonly { readonly name: string; readonly control: boolean }[]
  readonly checked: number
  readonly baseline: number
  readonly images: number
  readonly seed: number
  /** `[images, kinds, fills]` */
  readonly byFill: Float64Array
  /** Mean over the fills, `[images, kinds]`. */
  readonly overall: Float64Array
}

function occlusionResult(spec: CheckSpec, scores: ImageScores): CheckResult {
  const { seed } = spec
  const kinds = perturbingKinds(spec)
  const levels = COVERED.length
  const falls = scores.rows('falls')
  const fills = OCCLUSION_FILLS.length
  const byFill = meansOf(falls, levels)
  const measured: Falls = {
    ...placesOf(spec),
    kinds,
    images: scores.images.length,
    seed,
    byFill,
    overall: meansOf(byFill, fills),
  }
  const overall = bootstrapMeans(measured.overall, kinds.length, { seed })
  const differences = bootstrapMeans(differencesTo(measured.overall, kinds.length, measured.checked), kinds.length, {
    seed,
  })
  // Mean over the fills at each share, [images, kinds, shares].
  const curves = new Float64Array(measured.images * kinds.length * levels)
  falls.forEach((fall, i) => {
    const place = Math.floor(i / (fills * levels)) * levels + (i % levels)
    curves[place] += fall / fills
  })
  const curve = bootstrapMeans(curves, kinds.length * levels, { seed })
  return {
    check: 'occlusion',
    title: LISTED_CHECKS.occlusion.title,
    ...conclusion(measured, overall, differences),
    limits: [
      'A covered image is none that the network was trained on: the confidence may fall because of the patches themselves, which the random and constant maps show.',
      'It asks where the network looks, not what it sees there.',
      'Patches are drawn until 30 % of the image is covered; the paper does not say how large its patches are, here they are a fourteenth of the shorter side.',
    ],
    warnings: orderWarnings(measured),
    images: measured.images,
    tables: [fallsTable(measured, overall), pairsTable(measured), curveTable(kinds, curve)],
    charts: [
      {
        kind: 'lines',
        id: 'curves',
        title: 'Confidence lost while the image is covered, mean over the fills',
        xTitle: 'covered share of the image (%)',
        yTitle: 'fall of the confidence',
        series: kinds.map(({ name, control }, kind) => {
          const own = (values: Float64Array): number[] => [0, ...values.subarray(kind * levels, (kind + 1) * levels)]
          return {
            name,
            control,
            x: [0, ...COVERED.map((share) => 100 * share)],
            y: own(curve.value),
            low: own(curve.low),
            high: own(curve.high),
          }
        }),
      },
      {
        kind: 'intervals',
        id: 'differences',
        title: `How much more confidence is lost by ${withinSentence(kinds[measured.checked].name)}, paired by image`,
        xTitle: 'difference of the mean falls of the confidence',
        rows: kinds.flatMap(({ name, control }, kind) =>
          kind === measured.checked ? [] : [{ name, control, ...intervalOf(differences, kind) }],
        ),
        reference: 0,
      },
    ],
  }
}

function conclusion(
  { kinds, checked, baseline, images }: Falls,
  overall: Intervals,
  differences: Intervals,
): Pick<CheckResult, 'sentence' | 'verdict'> {
  const controls = kinds.flatMap(({ control }, kind) => (control ? [kind] : []))
  const best = controls.reduce((a, b) => (overall.value[b] > overall.value[a] ? b : a))
  const sides = controls.map((kind) => side(intervalOf(differences, kind)))
  const beside =
    baseline < 0 ? '' : `; the difference to Deconv+GB is ${withInterval(intervalOf(differences, baseline))}`
  const numbers = `it falls by ${withInterval(intervalOf(overall, checked))} on average until 30 % of the image is covered, by ${decimal(overall.value[best])} with the best control (${withinSentence(kinds[best].name)})${beside}; ${counted(images, 'image')}`
  if (sides.every((where) => where === 'above')) {
    return {
      sentence: `Covering what the heatmaps point at costs the network more confidence than any control: ${numbers}.`,
      verdict: 'for',
    }
  }
  if (sides.includes('below')) {
    return {
      sentence: `Covering what a control points at costs the network more confidence than what the heatmaps do: ${numbers}.`,
      verdict: 'against',
    }
  }
  return {
    sentence: `Covering what the heatmaps point at costs the network no more confidence than the best control: ${numbers}.`,
    verdict: 'open',
  }
}

/** The heatmaps, without the controls, by their mean fall with each fill. */
function orderWarnings({ kinds, byFill, images }: Falls): string[] {
  const fills = OCCLUSION_FILLS.length
  const orders = OCCLUSION_FILLS.map((_, fill) => {
    const mean = kinds.map((__, kind) => {
      let sum = 0
      for (let image = 0; image < images; image++) sum += byFill[(image * kinds.length + kind) * fills + fill]
      return sum / images
    })
    const heatmaps = kinds.flatMap(({ control }, kind) => (control ? [] : [kind]))
    return heatmaps.sort((a, b) => mean[b] - mean[a] || a - b).map((kind) => kinds[kind].name)
  })
  if (orders.every((order) => order.join() === orders[0].join())) return []
  const listed = OCCLUSION_FILLS.map(({ name }, fill) => `${withinSentence(name)}: ${orders[fill].join(' > ')}`)
  return [`The order of the methods depends on what the image is covered with (${listed.join('; ')}).`]
}

function fallsTable({ kinds, byFill, images, seed }: Falls, overall: Intervals): CheckTable {
  const means = bootstrapMeans(byFill, byFill.length / images, { seed })
  return {
    id: 'falls',
    title: 'Fall of the confidence, mean over the covered shares up to 30 % of the image',
    columns: [text('heatmap', 'heatmap'), text('role', 'role'), text('fill', 'covered with'), ...withEnds('fall', 'fall')],
    rows: kinds.flatMap(({ name, control }, kind) => [
      [name, control ? 'control' : 'heatmap', 'All of them', ...ends(overall, kind)],
      ...OCCLUSION_FILLS.map((fill, i) => [
        name,
        control ? 'control' : 'heatmap',
        fill.name,
        ...ends(means, kind * OCCLUSION_FILLS.length + i),
      ]),
    ]),
  }
}

/** Every pair of heatmaps, and the checked heatmaps with every control; paired by image. */
function pairsTable({ kinds, byFill, overall, checked, seed }: Falls): CheckTable {
  const fills = OCCLUSION_FILLS.length
  const pairs: [number, number][] = []
  for (let first = kinds.length - 1; first >= 0; first--) {
    for (let second = 0; second < kinds.length; second++) {
      const heatmaps = !kinds[first].control && !kinds[second].control && second < first
      if (heatmaps || (first === checked && kinds[second].control)) pairs.push([first, second])
    }
  }
  return {
    id: 'pairs',
    title: 'Difference of the falls of the confidence, paired by image',
    columns: [
      text('first', 'first'),
      text('second', 'minus second'),
      text('fill', 'covered with'),
      ...withEnds('difference', 'difference'),
    ],
    rows: pairs.flatMap(([first, second]) => {
      const all = bootstrapMeans(differencesTo(overall, kinds.length, first), kinds.length, { seed })
      const each = bootstrapMeans(fillDifferences(byFill, kinds.length, first, second), fills, { seed })
      const names = [kinds[first].name, kinds[second].name]
      return [
        [...names, 'All of them', ...ends(all, second)],
        ...OCCLUSION_FILLS.map(({ name }, fill) => [...names, name, ...ends(each, fill)]),
      ]
    }),
  }
}

function curveTable(kinds: Falls['kinds'], curve: Intervals): CheckTable {
  return {
    id: 'curves',
    title: 'Fall of the confidence at each covered share, mean over the fills',
    columns: [text('heatmap', 'heatmap'), numeric('covered', 'covered share', 2), ...withEnds('fall', 'fall')],
    rows: kinds.flatMap(({ name }, kind) =>
      COVERED.map((share, level) => [name, share, ...ends(curve, kind * COVERED.length + level)]),
    ),
  }
}

/** Means of every `length` neighbours. */
function meansOf(values: Float64Array, length: number): Float64Array {
  const means = new Float64Array(values.length / length)
  values.forEach((value, i) => (means[Math.floor(i / length)] += value / length))
  return means
}

/** `[images, fills]` */
function fillDifferences(byFill: Float64Array, kinds: number, first: number, second: number): Float64Array {
  const fills = OCCLUSION_FILLS.length
  return Float64Array.from({ length: byFill.length / kinds }, (_, i) => {
    const begin = Math.floor(i / fills) * kinds
    return byFill[(begin + first) * fills + (i % fills)] - byFill[(begin + second) * fills + (i % fills)]
  })
}
