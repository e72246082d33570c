import { bootstrapMeans, type Intervals } from '../../../core/bootstrap.ts'
import { areaUnder } from '../../../core/iou.ts'
import { fillSamples } from '../../../core/occlusion-fills.ts'
import { perturbationSteps } from '../../../core/perturbation-order.ts'
import { shuffledIndexes } from '../../../core/random.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckChart, CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { preprocess } from '../../data/preprocess.ts'
import { centreBoxShare } from '../masks.ts'
import type { Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { mixedConfidences, type MixedInput } from './confidences.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { perturbedImages, perturbingKinds, placesOf, testImages, type PerturbedImage } from './perturbed-images.ts'
import { differencesTo, ends, intervalOf, numeric, text, withEnds } from './tables.ts'
import { counted, decimal, side, withinSentence, withInterval } from './words.ts'

/** Images at once: each is looked at some 200 times. */
const BATCH = 16

/** Groups of pixels that are perturbed one after another. */
const STEPS = 16

/** From nothing to all pixels. */
const POINTS = STEPS + 1

/** Those with some pixels perturbed. */
const BETWEEN = STEPS - 1

const CURVES = [
  { id: 'deletion', name: 'Deletion', title: 'Confidence while pixels are replaced by the mean colour, hottest first' },
  { id: 'insertion', name: 'Insertion', title: 'Confidence while pixels are shown in the blurred image, hottest first' },
] as const

/**
 * Insertion and deletion (Petsiuk et al. 2018): the confidence in the predicted class while the pixels with the highest
 * heat are replaced by the mean colour of the image, and while they are shown in its blurred version.
 */
export async function checkInsertion(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  const boxShare = await centreBoxShare(project)
  return cachedCheck(project, checkInputs(project, spec, selection, { boxShare }), async (writer) => {
    const indexes = testImages(project, spec.images)
    const plan = {
      phase: 'insert and delete',
      source: project.test,
      indexes,
      batchSize: BATCH,
      score: async (batch: ScoredBatch): Promise<ScoreRows> => {
        const images = await perturbedImages(project, spec, selection, boxShare, batch)
        const confidences: number[] = []
        for (const [row, image] of images.entries()) {
          const step = (share: number): Promise<void> => batch.step((row + share) / images.length)
          confidences.push(...(await confidencesOf(project, spec, image, step)))
        }
        return { confidences: Float64Array.from(confidences) }
      },
    }
    const scores = await scoreImages(project, writer, plan, context)
    requireScored(scores, indexes.length)
    return insertionResult(spec, scores)
  })
}

/** `[kinds, 2, points]`: deletion, then insertion, from no pixel to all. */
async function confidencesOf(
  project: Project,
  spec: CheckSpec,
  { index, image, predicted, maps }: PerturbedImage,
  step: (share: number) => Promise<void>,
): Promise<Float64Array> {
  const { preprocessing } = project.config
  const input = preprocess(image, preprocessing)
  const filled = (fill: 'mean' | 'blur'): Float32Array =>
    preprocess({ ...image, data: fillSamples(image, fill, []) }, preprocessing)
  const [mean, blurred] = [filled('mean'), filled('blur')]
  const ties = shuffledIndexes(image.height * image.width, spec.seed, index)
  const orders = maps.map((map) => perturbationSteps(map, STEPS, ties))
  // All curves begin and end at the same images: these are looked at once, the others after them.
  const [order] = orders
  const extremes: MixedInput[] = [input, mean, blurred].map((end) => ({ image: end, other: end, order, below: 0 }))
  const confidences = await mixedConfidences(
    project,
    extremes.length + maps.length * 2 * BETWEEN,
    (i) => {
      if (i < extremes.length) return extremes[i]
      const curve = Math.floor((i - extremes.length) / BETWEEN)
      const place = { order: orders[Math.floor(curve / 2)], below: 1 + ((i - extremes.length) % BETWEEN) }
      const isDeletion = curve % 2 === 0
      return isDeletion ? { image: input, other: mean, ...place } : { image: blurred, other: input, ...place }
    },
    predicted,
    step,
  )
  const [whole, none, blur] = confidences
  const curves = new Float64Array(maps.length * 2 * POINTS)
  for (let curve = 0; curve < maps.length * 2; curve++) {
    const isDeletion = curve % 2 === 0
    curves[curve * POINTS] = isDeletion ? whole : blur
    const between = extremes.length + curve * BETWEEN
    curves.set(confidences.subarray(between, between + BETWEEN), curve * POINTS + 1)
    curves[curve * POINTS + STEPS] = isDeletion ? none : whole
  }
  return curves
}

/** Areas under one of the two curves. */
interface Areas {
  readonly means: Intervals
  /** Checked minus other, paired by image. */
  readonly differences: Intervals
}

function insertionResult(spec: CheckSpec, scores: ImageScores): CheckResult {
  const { seed } = spec
  const kinds = perturbingKinds(spec)
  const places = placesOf(spec)
  const images = scores.images.length
  const confidences = scores.rows('confidences')
  const curves = CURVES.map((_, which) => oneCurve(confidences, which))
  const areas = curves.map((values): Areas => {
    const each = Float64Array.from({ length: images * kinds.length }, (_, i) =>
      areaUnder(values.subarray(i * POINTS, (i + 1) * POINTS)),
    )
    return {
      means: bootstrapMeans(each, kinds.length, { seed }),
      differences: bootstrapMeans(differencesTo(each, kinds.length, places.checked), kinds.length, { seed }),
    }
  })
  const means = curves.map((values) => bootstrapMeans(values, kinds.length * POINTS, { seed }))
  return {
    check: 'insertion',
    title: LISTED_CHECKS.insertion.title,
    ...conclusion(kinds, places, areas, images),
    limits: [
      'A picture of which pixels are missing is none that the network was trained on: it may be sure of a class for the shape of the hole.',
      'The areas depend on what the pixels are replaced with, here the mean colour for deletion and the blurred image for insertion.',
      `The pixels are taken in ${STEPS} groups of equal size: what happens within a group does not show.`,
    ],
    warnings: [],
    images,
    tables: [areasTable(kinds, areas), differencesTable(kinds, places.checked, areas), curveTable(kinds, means)],
    charts: [
      ...CURVES.map((curve, which) => curveChart(curve, kinds, means[which])),
      ...CURVES.map(
        ({ id, name }, which): CheckChart => ({
          kind: 'intervals',
          id: `${id}_areas`,
          title: `${name}: area under the curve`,
          xTitle: 'area under the curve of the confidence',
          rows: kinds.map((kind, i) => ({ ...kind, ...intervalOf(areas[which].means, i) })),
          reference: null,
        }),
      ),
    ],
  }
}

/** `[images, kinds, points]` of one of the two curves. */
function oneCurve(confidences: Float64Array, which: number): Float64Array {
  return Float64Array.from({ length: confidences.length / 2 }, (_, i) => {
    return confidences[(Math.floor(i / POINTS) * 2 + which) * POINTS + (i % POINTS)]
  })
}

type Kinds = ReturnType<typeof perturbingKinds>

function conclusion(
  kinds: Kinds,
  { checked, baseline }: ReturnType<typeof placesOf>,
  [deletion, insertion]: readonly Areas[],
  images: number,
): Pick<CheckResult, 'sentence' | 'verdict'> {
  const controls = kinds.flatMap(({ control }, kind) => (control ? [kind] : []))
  const lowest = controls.reduce((a, b) => (deletion.means.value[b] < deletion.means.value[a] ? b : a))
  const highest = controls.reduce((a, b) => (insertion.means.value[b] > insertion.means.value[a] ? b : a))
  const sides = controls.map((kind) => ({
    deletion: side(intervalOf(deletion.differences, kind)),
    insertion: side(intervalOf(insertion.differences, kind)),
  }))
  const control = ({ means }: Areas, kind: number): string =>
    `${decimal(means.value[kind])} of the best control (${withinSentence(kinds[kind].name)})`
  const beside = ({ means }: Areas): string =>
    baseline < 0 ? '' : ` and ${decimal(means.value[baseline])} of Deconv+GB`
  const numbers = `area under the deletion curve ${withInterval(intervalOf(deletion.means, checked))} against ${control(deletion, lowest)}${beside(deletion)}, lower is better; under the insertion curve ${withInterval(intervalOf(insertion.means, checked))} against ${control(insertion, highest)}${beside(insertion)}, higher is better; ${counted(images, 'image')}`
  if (sides.every((each) => each.deletion === 'below' && each.insertion === 'above')) {
    return {
      sentence: `The confidence goes sooner and comes sooner by the heatmaps than by any control: ${numbers}.`,
      verdict: 'for',
    }
  }
  if (sides.some((each) => each.deletion === 'above' && each.insertion === 'below')) {
    return {
      sentence: `The confidence goes sooner and comes sooner by a control than by the heatmaps: ${numbers}.`,
      verdict: 'against',
    }
  }
  return {
    sentence: `Insertion and deletion together do not tell the heatmaps from every control: ${numbers}.`,
    verdict: 'open',
  }
}

function areasTable(kinds: Kinds, [deletion, insertion]: readonly Areas[]): CheckTable {
  return {
    id: 'areas',
    title: 'Area under the curve of the confidence, mean over the images',
    columns: [
      text('heatmap', 'heatmap'),
      text('role', 'role'),
      ...withEnds('deletion', 'deletion (lower is better)'),
      ...withEnds('insertion', 'insertion (higher is better)'),
    ],
    rows: kinds.map(({ name, control }, i) => [
      name,
      control ? 'control' : 'heatmap',
      ...ends(deletion.means, i),
      ...ends(insertion.means, i),
    ]),
  }
}

function differencesTable(kinds: Kinds, checked: number, [deletion, insertion]: readonly Areas[]): CheckTable {
  return {
    id: 'differences',
    title: `Area of ${withinSentence(kinds[checked].name)} minus that of the other, paired by image`,
    columns: [
      text('other', 'other'),
      text('role', 'role'),
      ...withEnds('deletion', 'deletion'),
      ...withEnds('insertion', 'insertion'),
    ],
    rows: kinds.flatMap(({ name, control }, i) =>
      i === checked
        ? []
        : [[name, control ? 'control' : 'heatmap', ...ends(deletion.differences, i), ...ends(insertion.differences, i)]],
    ),
  }
}

function curveTable(kinds: Kinds, [deletion, insertion]: readonly Intervals[]): CheckTable {
  return {
    id: 'curves',
    title: 'Confidence in the predicted class over the share of perturbed pixels',
    columns: [
      text('heatmap', 'heatmap'),
      numeric('perturbed', 'perturbed share', 4),
      ...withEnds('deletion', 'deletion'),
      ...withEnds('insertion', 'insertion'),
    ],
    rows: kinds.flatMap(({ name }, kind) =>
      Array.from({ length: POINTS }, (_, point) => [
        name,
        point / STEPS,
        ...ends(deletion, kind * POINTS + point),
        ...ends(insertion, kind * POINTS + point),
      ]),
    ),
  }
}

function curveChart({ id, title }: (typeof CURVES)[number], kinds: Kinds, curve: Intervals): CheckChart {
  return {
    kind: 'lines',
    id,
    title,
    xTitle: 'perturbed pixels (%)',
    yTitle: 'confidence in the predicted class',
    series: kinds.map(({ name, control }, kind) => {
      const own = (values: Float64Array): number[] => [...values.subarray(kind * POINTS, (kind + 1) * POINTS)]
      return {
        name,
        control,
        x: Array.from({ length: POINTS }, (_, point) => (100 * point) / STEPS),
        y: own(curve.value),
        low: own(curve.low),
        high: own(curve.high),
      }
    }),
  }
}
