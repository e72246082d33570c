import { againstRandom, FEWEST_SETS, type AgainstRandom } from '../../../core/against-random.ts'
import { bootstrapMean, bootstrapMeans, type Interval } from '../../../core/bootstrap.ts'
import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import { areaUnder, iouCurve } from '../../../core/iou.ts'
import { MatchedChannels } from '../../../core/matched-channels.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { displayImage } from '../../data/preprocess.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { centreBoxShare, maskSet, networkMask } from '../masks.ts'
import type { Project } from '../project.ts'
import { rankImages } from '../ranking.ts'
import type { JobContext } from '../runner.ts'
import { select, type Selection } from '../selection.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { maskedTestImages } from './iou.ts'
import { ManyHeatmaps } from './many-heatmaps.ts'
import { ends, numeric, rowsWhere, text, withEnds } from './tables.ts'
import { counted, decimal, side, withInterval } from './words.ts'

/** Images at once: the maps of all draws are held for all of them. */
const BATCH = 16

/** Draws below which nothing is claimed. */
const FEWEST_DRAWS = 20

/**
 * Selection shuffle, the control of this method itself: the features that explain an image are replaced by random
 * channels of the same layers, and the overlap of the heatmaps with the mask is measured again (ours).
 */
export async function checkShuffle(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const { test, config } = project
  if (spec.repeats < FEWEST_SETS) {
    throw new VebiError(
      'bad-argument',
      `The selection shuffle needs at least ${FEWEST_SETS} draws, not ${spec.repeats}; ${FEWEST_DRAWS} or more are usual.`,
    )
  }
  const selection = await select(project, spec.selection, context)
  const indexes = maskedTestImages(project, spec.images)
  const inputs = checkInputs(project, spec, selection, {
    masks: (await maskSet(test, config.preprocessing)).key,
    interval: 'against random',
  })
  return cachedCheck(project, inputs, async (writer) => {
    const boxShare = await centreBoxShare(project)
    const draws = Array.from({ length: spec.repeats }, (_, d) => new MatchedChannels(selection.layout, spec.seed, d))
    const plan = {
      phase: 'shuffle the selection',
      source: test,
      indexes,
      batchSize: BATCH,
      score: (batch: ScoredBatch) => shuffledAreas({ project, spec, selection, draws, boxShare }, batch),
    }
    const scores = await scoreImages(project, writer, plan, context)
    requireScored(scores, indexes.length)
    return shuffleResult(project, spec, scores)
  })
}

interface ShuffleSetting {
  readonly project: Project
  readonly spec: CheckSpec
  readonly selection: Selection
  readonly draws: readonly MatchedChannels[]
  readonly boxShare: number
}

/**
 * Areas under the IoU curve: `selected` `[images]`, `random` `[images, draws]`, `controls` `[images, controls]`, and
 * `labels` `[images]`.
 */
async function shuffledAreas(
  { project, spec, selection, draws, boxShare }: ShuffleSetting,
  { indexes, data, step }: ScoredBatch,
): Promise<ScoreRows> {
  const { config, graph, network, test } = project
  const { layout } = selection
  const { topFeatures, strideCorrection, reduction } = spec.explanation
  const pass = new ImagePass(
    network,
    data,
    indexes.length,
    layout.layers.map((layer) => layer.node),
  )
  try {
    const norms = pass.norms(layout)
    const ranked = rankImages(graph, pass, selection, topFeatures)
    const chosen = ranked.map(({ features }) => features.map(({ feature }) => feature))
    const drawn = draws.map((draw) =>
      ranked.map(({ target }, row) =>
        draw.replace(target, chosen[row], norms.subarray(row * layout.size, (row + 1) * layout.size)),
      ),
    )
    const requests = [chosen, ...drawn].flatMap((rows) =>
      rows.flatMap((features, row) => features.map((feature) => ({ row, feature }))),
    )
    const heatmaps = new ManyHeatmaps(layout, { rule: 'guided', strideCorrection }, reduction)
    await heatmaps.make(pass, requests, step)
    const areas: { selected: number[]; random: number[]; controls: number[]; labels: number[] } = {
      selected: [],
      random: [],
      controls: [],
      labels: [],
    }
    for (const [row, index] of indexes.entries()) {
      const { data: mask } = await networkMask(test, index, config.preprocessing)
      const areaOf = (features: readonly number[]): number => {
        const maps = features.map((feature) => heatmaps.of({ row, feature }))
        return areaUnder(iouCurve(combineHeatmaps(maps, mask.length), mask))
      }
      areas.selected.push(areaOf(chosen[row]))
      for (const features of drawn) areas.random.push(areaOf(features[row]))
      const controls = controlMaps(displayImage(await test.read(index), config.preprocessing), boxShare, [
        spec.seed,
        index,
      ])
      for (const { id } of CONTROLS) areas.controls.push(areaUnder(iouCurve(controls[id], mask)))
      areas.labels.push(test.records[index].label)
    }
    return {
      selected: Float64Array.from(areas.selected),
      random: Float64Array.from(areas.random),
      controls: Float64Array.from(areas.controls),
      labels: Float64Array.from(areas.labels),
    }
  } finally {
    pass.dispose()
  }
}

interface ShuffleFigures {
  readonly images: number
  readonly draws: number
  readonly selected: Float64Array
  /** Mean over the draws, `[images]`. */
  readonly random: Float64Array
  /** `[draws, images]` */
  readonly byDraw: Float64Array
  /** Mean over the images, `[draws]`. */
  readonly drawMeans: Float64Array
}

function shuffleResult(project: Project, spec: CheckSpec, scores: ImageScores): CheckResult {
  const { seed, repeats: draws } = spec
  const images = scores.images.length
  const selected = scores.rows('selected')
  const all = scores.rows('random')
  const byDraw = new Float64Array(all.length)
  const random = new Float64Array(images)
  const drawMeans = new Float64Array(draws)
  all.forEach((area, i) => {
    random[Math.floor(i / draws)] += area / draws
    drawMeans[i % draws] += area / images
    byDraw[(i % draws) * images + Math.floor(i / draws)] = area
  })
  const figures = { images, draws, selected, random, byDraw, drawMeans }
  const difference = againstRandom(selected, byDraw, { seed, better: 'high' })
  const classes = classRows(project, figures, scores.rows('labels'), seed)
  return {
    check: 'shuffle',
    title: LISTED_CHECKS.shuffle.title,
    ...conclusion(figures, difference, seed),
    limits: [
      'Random channels of the same layers respond to the picture too and share its edges: what remains of the overlap with them is not due to the selection.',
      'It compares channels within their layers, and says nothing of whether these are the right layers.',
      'The interval holds the chance of the test images and of the draw that is compared with: it asks whether the selection could be one of the draws, so that layers of few channels, where any draw hits the selected ones, decide nothing.',
    ],
    warnings:
      draws < FEWEST_DRAWS
        ? [`There are ${counted(draws, 'draw')} only: with fewer than ${FEWEST_DRAWS} the interval says little.`]
        : [],
    images,
    tables: [areasTable(figures, scores, seed), classTable(classes), drawTable(drawMeans)],
    charts: [
      {
        kind: 'intervals',
        id: 'differences',
        title: 'How much larger the area under the IoU curve is with the selected channels than with random ones',
        xTitle: 'difference of areas under the IoU curve',
        rows: [
          ...[{ name: 'All images', difference }, ...classes].map(({ name, difference: { value, low, high } }) => ({
            name,
            control: false,
            value,
            low,
            high,
          })),
        ],
        reference: 0,
      },
    ],
  }
}

function conclusion(
  { images, draws, selected, random, drawMeans }: ShuffleFigures,
  difference: AgainstRandom,
  seed: number,
): Pick<CheckResult, 'sentence' | 'verdict'> {
  const own = bootstrapMean(selected, { seed })
  const other = bootstrapMean(random, { seed })
  const reached = drawMeans.filter((mean) => mean >= own.value).length
  const numbers = `area under the IoU curve ${decimal(own.value)} with the selected channels, ${decimal(other.value)} with random ones of the same layers; paired difference ${withInterval(difference)} over ${counted(images, 'image')}; ${reached} of ${counted(draws, 'draw')} reached it (p = ${decimal(difference.p)})`
  switch (side(difference)) {
    case 'above':
      return { sentence: `The selected channels overlap the masks better than random ones: ${numbers}.`, verdict: 'for' }
    case 'below':
      return { sentence: `The selected channels overlap the masks worse than random ones: ${numbers}.`, verdict: 'against' }
    case 'around':
      return { sentence: `The selection added nothing to the overlap with the masks: ${numbers}.`, verdict: 'against' }
  }
}

function areasTable({ selected, random }: ShuffleFigures, scores: ImageScores, seed: number): CheckTable {
  const controls = bootstrapMeans(scores.rows('controls'), CONTROLS.length, { seed })
  const row = (name: string, role: string, { value, low, high }: Interval) => [name, role, value, low, high]
  return {
    id: 'areas',
    title: 'Area under the IoU curve, mean over the images',
    columns: [text('channels', 'channels'), text('role', 'role'), ...withEnds('area', 'area under IoU')],
    rows: [
      row('Selected channels', 'heatmap', bootstrapMean(selected, { seed })),
      row('Random channels of the same layers', 'control', bootstrapMean(random, { seed })),
      ...CONTROLS.map(({ name }, i) => [name, 'control', ...ends(controls, i)]),
    ],
  }
}

interface ClassRow {
  readonly name: string
  readonly images: number
  readonly selected: number
  readonly random: number
  readonly difference: Interval
}

function classRows({ config }: Project, figures: ShuffleFigures, labels: Float64Array, seed: number): ClassRow[] {
  const { selected, random, byDraw, images: all } = figures
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length
  return config.classes.flatMap((name, j) => {
    const own = (image: number): boolean => labels[image] === j
    const chosen = rowsWhere(selected, 1, own)
    if (chosen.length === 0) return []
    return [
      {
        name,
        images: chosen.length,
        selected: mean(chosen),
        random: mean(rowsWhere(random, 1, own)),
        difference: againstRandom(chosen, byDraw.filter((_, i) => own(i % all)), { seed, better: 'high' }),
      },
    ]
  })
}

function classTable(classes: readonly ClassRow[]): CheckTable {
  return {
    id: 'classes',
    title: 'Area under the IoU curve by class',
    columns: [
      text('class', 'class'),
      numeric('images', 'images', 0),
      numeric('selected', 'selected channels'),
      numeric('random', 'random channels'),
      ...withEnds('difference', 'difference'),
    ],
    rows: classes.map(({ name, images, selected, random, difference: { value, low, high } }) => [
      name,
      images,
      selected,
      random,
      value,
      low,
      high,
    ]),
  }
}

function drawTable(means: Float64Array): CheckTable {
  return {
    id: 'draws',
    title: 'Mean area under the IoU curve of each draw of random channels',
    columns: [numeric('draw', 'draw', 0), numeric('area', 'area under IoU')],
    rows: Array.from(means, (mean, draw) => [draw + 1, mean]),
  }
}
