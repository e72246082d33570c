import type { Interval } from '../../../core/bootstrap.ts'
import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import { shuffledIndexes } from '../../../core/random.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { displayImage } from '../../data/preprocess.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { centreBoxShare } from '../masks.ts'
import type { Project } from '../project.ts'
import { rankImages, type RankedImage } from '../ranking.ts'
import type { JobContext } from '../runner.ts'
import { select, type Selection } from '../selection.ts'
import { ALIKE, alikeness, comparedMap, definedMean, MEASURES, type ComparedMap } from './alikeness.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { checkedWay, scaledMaps } from './heatmap-ways.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { testImages } from './perturbed-images.ts'
import { NO_ENDS, numeric, rowsWhere, text, withEnds, type Cell } from './tables.ts'
import { counted, decimal, withInterval } from './words.ts'

/** Images at once. */
const BATCH = 32

/** Other classes that each image is explained for. */
const MOST_CLASSES = 5

/** Class swap: how alike the heatmaps of the predicted class and of other classes are, for the same image (ours). */
export async function checkSwap(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  if (project.config.classes.length < 2) {
    throw new VebiError('unsupported', `${project.folder} has one class only: there is none to swap it for.`)
  }
  const boxShare = await centreBoxShare(project)
  return cachedCheck(project, checkInputs(project, spec, selection, { boxShare }), async (writer) => {
    const indexes = testImages(project, spec.images)
    const plan = {
      phase: 'swap the class',
      source: project.test,
      indexes,
      batchSize: BATCH,
      score: (batch: ScoredBatch) => swapScores(project, spec, selection, boxShare, batch),
    }
    const scores = await scoreImages(project, writer, plan, context)
    requireScored(scores, indexes.length)
    return swapResult(project, spec, scores)
  })
}

function otherCount({ config }: Project): number {
  return Math.min(MOST_CLASSES, config.classes.length - 1)
}

/**
 * `classes` `[images, 1 + others]`: the predicted class, then the others. `alike` `[images, others, measures]`: heatmap
 * of the predicted class with that of the other; NaN where one of them is flat. `shared` `[images, others]`: share of
 * the other explanation's features that are in the first as well, NaN where the other has none. `controls`
 * `[images, controls, measures]`: heatmap of the predicted class with each control.
 */
async function swapScores(
  project: Project,
  spec: CheckSpec,
  selection: Selection,
  boxShare: number,
  { indexes, data, step }: ScoredBatch,
): Promise<ScoreRows> {
  const { config, graph, network, test } = project
  const { height, width } = config.preprocessing
  const { topFeatures, reduction } = spec.explanation
  const { layout } = selection
  const count = indexes.length
  const others = otherCount(project)
  const classes = new Float64Array(count * (1 + others))
  const alike = new Float64Array(count * others * MEASURES.length)
  const shared = new Float64Array(count * others)
  const controls = new Float64Array(count * CONTROLS.length * MEASURES.length)
  const compare = (map: ArrayLike<number>): ComparedMap => comparedMap(map, height, width)
  const pass = new ImagePass(
    network,
    data,
    count,
    layout.layers.map(({ node }) => node),
  )
  try {
    const mapsOf = (ranked: readonly RankedImage[]): ComparedMap[] =>
      scaledMaps(pass, layout, ranked, checkedWay(spec), reduction).map((maps) =>
        compare(combineHeatmaps(maps, height * width)),
      )
    const ranked = rankImages(graph, pass, selection, topFeatures)
    const own = mapsOf(ranked)
    const swaps = ranked.map(({ predicted }, row) =>
      Array.from(shuffledIndexes(config.classes.length, spec.seed, indexes[row]))
        .filter((classIndex) => classIndex !== predicted)
        .slice(0, others),
    )
    for (let other = 0; other < others; other++) {
      await step((1 + other) / (1 + others))
      const target = swaps.map((list) => list[other])
      const swapped = rankImages(graph, pass, selection, topFeatures, { target })
      mapsOf(swapped).forEach((map, row) => {
        const place = row * others + other
        alike.set(alikeness(own[row], map), place * MEASURES.length)
        const first = new Set(ranked[row].features.map(({ feature }) => feature))
        const same = swapped[row].features.filter(({ feature }) => first.has(feature)).length
        shared[place] = same / swapped[row].features.length
      })
    }
    for (const [row, index] of indexes.entries()) {
      classes.set([ranked[row].predicted, ...swaps[row]], row * (1 + others))
      const image = displayImage(await test.read(index), config.preprocessing)
      const maps = controlMaps(image, boxShare, [spec.seed, index])
      CONTROLS.forEach(({ id }, control) =>
        controls.set(alikeness(own[row], compare(maps[id])), (row * CONTROLS.length + control) * MEASURES.length),
      )
    }
  } finally {
    pass.dispose()
  }
  return { classes, alike, shared, controls }
}

/** Mean over what is defined of each image's values, `[images]`; NaN where none is. */
function imageMeans(values: Float64Array, perImage: number, pick: (place: number) => boolean): Float64Array {
  return Float64Array.from({ length: values.length / perImage }, (_, image) => {
    const own = values
      .subarray(image * perImage, (image + 1) * perImage)
      .filter((value, place) => pick(place) && !Number.isNaN(value))
    return own.reduce((sum, value) => sum + value, 0) / own.length
  })
}

function swapResult(project: Project, spec: CheckSpec, scores: ImageScores): CheckResult {
  const { seed } = spec
  const others = otherCount(project)
  const images = scores.images.length
  const measures = MEASURES.length
  const alike = MEASURES.map((_, measure) =>
    definedMean(
      imageMeans(scores.rows('alike'), others * measures, (place) => place % measures === measure),
      seed,
    ),
  )
  const shared = definedMean(
    imageMeans(scores.rows('shared'), others, () => true),
    seed,
  )
  const controls = CONTROLS.map((_, control) =>
    MEASURES.map((__, measure) => {
      const column = control * measures + measure
      const width = CONTROLS.length * measures
      return definedMean(
        scores.rows('controls').filter((___, i) => i % width === column),
        seed,
      )
    }),
  )
  return {
    check: 'swap',
    title: LISTED_CHECKS.swap.title,
    ...conclusion(alike, shared, controls, images, others),
    limits: [
      'Classes that share a part may rightly share a heatmap.',
      'A heatmap that differs between classes may still be wrong for both.',
    ],
    warnings: [],
    images,
    tables: [alikeTable(alike, shared, controls), classTable(project, scores, others, seed)],
    charts: MEASURES.map(({ id, name }, measure) => ({
      kind: 'intervals',
      id,
      title: `${name} of the heatmap of the predicted class with other maps of the image`,
      xTitle: name,
      rows: [
        ...(alike[measure] ? [{ name: 'Heatmaps of other classes', control: false, ...alike[measure] }] : []),
        ...CONTROLS.flatMap((control, i) => {
          const found = controls[i][measure]
          return found ? [{ name: control.name, control: true, ...found }] : []
        }),
      ],
      reference: null,
    })),
  }
}

function conclusion(
  [rank, structure]: readonly (Interval | null)[],
  shared: Interval | null,
  controls: readonly (readonly (Interval | null)[])[],
  images: number,
  others: number,
): Pick<CheckResult, 'sentence' | 'verdict'> {
  if (!rank) {
    return {
      sentence: `Nothing can be said of how far the heatmaps depend on the class: no image has heatmaps of two classes; ${counted(images, 'image')}.`,
      verdict: 'open',
    }
  }
  const sobel = controls[CONTROLS.findIndex(({ id }) => id === 'sobel')][0]
  const numbers = [
    `rank correlation ${withInterval(rank)} between the heatmaps of the predicted class and of ${others === 1 ? 'the other class' : `${others} other classes`}`,
    ...(sobel ? [`${decimal(sobel.value)} with Sobel of the image`] : []),
    ...(structure ? [`structural similarity ${decimal(structure.value)}`] : []),
    ...(shared ? [`${decimal(100 * shared.value, 0)} % of the features are the same`] : []),
    counted(images, 'image'),
  ].join('; ')
  if (rank.high < ALIKE) return { sentence: `The heatmaps depend on the class: ${numbers}.`, verdict: 'for' }
  if (rank.low > ALIKE) return { sentence: `The heatmaps hardly depend on the class: ${numbers}.`, verdict: 'against' }
  return { sentence: `It is open how far the heatmaps depend on the class: ${numbers}.`, verdict: 'open' }
}

function cells(found: Interval | null): Cell[] {
  return found ? [found.value, found.low, found.high] : [...NO_ENDS]
}

function alikeTable(
  alike: readonly (Interval | null)[],
  shared: Interval | null,
  controls: readonly (readonly (Interval | null)[])[],
): CheckTable {
  return {
    id: 'alike',
    title: 'How alike the heatmap of the predicted class and other maps of the same image are',
    columns: [
      text('map', 'map'),
      text('role', 'role'),
      ...withEnds('spearman', 'rank correlation'),
      ...withEnds('ssim', 'structural similarity'),
      ...withEnds('shared', 'shared features'),
    ],
    rows: [
      ['Heatmaps of other classes', 'heatmap', ...alike.flatMap(cells), ...cells(shared)],
      ...CONTROLS.map(({ name }, i) => [name, 'control', ...controls[i].flatMap(cells), ...NO_ENDS]),
    ],
  }
}

function classTable({ config }: Project, scores: ImageScores, others: number, seed: number): CheckTable {
  const predicted = scores.rows('classes').filter((_, i) => i % (1 + others) === 0)
  const means = MEASURES.map((_, measure) =>
    imageMeans(scores.rows('alike'), others * MEASURES.length, (place) => place % MEASURES.length === measure),
  )
  return {
    id: 'classes',
    title: 'How alike the heatmaps of the predicted class and of other classes are, by predicted class',
    columns: [
      text('class', 'predicted class'),
      numeric('images', 'images', 0),
      ...withEnds('spearman', 'rank correlation'),
      ...withEnds('ssim', 'structural similarity'),
    ],
    rows: config.classes.flatMap((name, j) => {
      const own = means.map((values) => rowsWhere(values, 1, (image) => predicted[image] === j))
      if (own[0].length === 0) return []
      return [[name, own[0].length, ...own.flatMap((values) => cells(definedMean(values, seed)))]]
    }),
  }
}
