import type { Interval } from '../../../core/bootstrap.ts'
import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckChart, CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { displayImage } from '../../data/preprocess.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'
import { learntNodes, randomisedGraph } from '../../model/randomised.ts'
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
import { NO_ENDS, numeric, text, withEnds } from './tables.ts'
import { counted, withInterval } from './words.ts'

/** Images at once. */
const BATCH = 32

/** Most stages: a deep network has several layers randomised between two of them. */
const MOST_STAGES = 10

const SERIES = [
  { id: 'anew', name: 'Explanation of the randomised network', control: false },
  { id: 'same', name: 'Heatmaps of the same features', control: false },
  ...CONTROLS.map(({ id, name }) => ({ id, name, control: true as const })),
] as const

/** What is randomised at one stage. */
interface Stage {
  readonly nodes: readonly number[]
  /** The layer that is reached. */
  readonly name: string
}

/**
 * Cascading model randomisation (Adebayo et al. 2018): the weights of one layer after another are put in random order,
 * from the output down, and the explanation of the same class is compared with the original at each stage.
 */
export async function checkRandomisation(
  project: Project,
  spec: CheckSpec,
  context: JobContext,
): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  const stages = stagesOf(project)
  const boxShare = await centreBoxShare(project)
  const inputs = checkInputs(project, spec, selection, { boxShare })
  return cachedCheck(project, inputs, async () => {
    const indexes = testImages(project, spec.images)
    const scores: ImageScores[] = []
    for (const [i, stage] of stages.entries()) {
      const writer = project.store.artifacts.begin('check-stage', { ...inputs, stage: [...stage.nodes] })
      const network = new Network(randomisedGraph(project.graph, spec.seed, new Set(stage.nodes)))
      try {
        const plan = {
          phase: `randomise down to ${stage.name}`,
          source: project.test,
          indexes,
          batchSize: BATCH,
          score: (batch: ScoredBatch) => stageScores({ project, spec, selection, boxShare }, network, i, batch),
        }
        const found = await scoreImages(project, writer, plan, context)
        requireScored(found, indexes.length)
        scores.push(found)
      } finally {
        network.dispose()
      }
      if (!writer.artifact.complete) writer.finish()
    }
    return randomisationResult(spec, stages, scores)
  })
}

function stagesOf({ graph, config }: Project): Stage[] {
  const learnt = learntNodes(graph)
  if (learnt.length === 0) {
    throw new VebiError('unsupported', `${config.model} has no layer with weights that could be randomised.`)
  }
  const count = Math.min(MOST_STAGES, learnt.length)
  return Array.from({ length: count }, (_, i) => {
    const nodes = learnt.slice(0, Math.ceil(((i + 1) * learnt.length) / count))
    return { nodes, name: graph.nodes[nodes.at(-1)!].name }
  })
}

interface RandomisationSetting {
  readonly project: Project
  readonly spec: CheckSpec
  readonly selection: Selection
  readonly boxShare: number
}

/** `alike` `[images, series, measures]`: how alike each map is to the original one; NaN where it is not defined. */
async function stageScores(
  { project, spec, selection, boxShare }: RandomisationSetting,
  randomised: Network,
  stage: number,
  { indexes, data, step }: ScoredBatch,
): Promise<ScoreRows> {
  const { config, graph, network, test } = project
  const { height, width } = config.preprocessing
  const { topFeatures, reduction } = spec.explanation
  const { layout } = selection
  const nodes = layout.layers.map(({ node }) => node)
  const pass = new ImagePass(network, data, indexes.length, nodes)
  const other = new ImagePass(randomised, data, indexes.length, nodes)
  const maps: Record<'original' | 'same' | 'anew', Float32Array[]> = { original: [], same: [], anew: [] }
  try {
    const combined = (from: ImagePass, ranked: readonly RankedImage[]): Float32Array[] =>
      scaledMaps(from, layout, ranked, checkedWay(spec), reduction).map((own) => combineHeatmaps(own, height * width))
    const ranked = rankImages(graph, pass, selection, topFeatures)
    maps.original = combined(pass, ranked)
    await step(1 / 4)
    maps.same = combined(other, ranked)
    await step(2 / 4)
    const target = ranked.map(({ predicted }) => predicted)
    maps.anew = combined(other, rankImages(graph, other, selection, topFeatures, { target }))
    await step(3 / 4)
  } finally {
    pass.dispose()
    other.dispose()
  }
  const alike = new Float64Array(indexes.length * SERIES.length * MEASURES.length)
  for (const [row, index] of indexes.entries()) {
    const image = displayImage(await test.read(index), config.preprocessing)
    const compare = (map: ArrayLike<number>): ComparedMap => comparedMap(map, height, width)
    const original = compare(maps.original[row])
    // Made again for each stage, as the heatmaps are: nothing of the network goes into them.
    const first = controlMaps(image, boxShare, [spec.seed, index])
    const again = controlMaps(image, boxShare, [spec.seed, index, 1 + stage])
    SERIES.forEach(({ id }, series) => {
      const pair =
        id === 'anew' || id === 'same'
          ? alikeness(original, compare(maps[id][row]))
          : alikeness(compare(first[id]), compare(again[id]))
      alike.set(pair, (row * SERIES.length + series) * MEASURES.length)
    })
  }
  return { alike }
}

/** `[stages][series][measures]`; null where a measure is not defined for any image. */
type Alike = readonly (readonly (readonly (Interval | null)[])[])[]

function randomisationResult(spec: CheckSpec, stages: readonly Stage[], scores: readonly ImageScores[]): CheckResult {
  const columns = SERIES.length * MEASURES.length
  const alike: Alike = scores.map((stage) => {
    const all = stage.rows('alike')
    return SERIES.map((_, series) =>
      MEASURES.map((__, measure) =>
        definedMean(
          all.filter((___, i) => i % columns === series * MEASURES.length + measure),
          spec.seed,
        ),
      ),
    )
  })
  const images = scores[0].images.length
  return {
    check: 'randomisation',
    title: LISTED_CHECKS.randomisation.title,
    ...conclusion(alike, images),
    limits: [
      'A heatmap that changes with the weights may still be wrong: this finds heatmaps that are blind to the network, and ranks nothing.',
      'The selected features are kept while the weights change. A heatmap that starts at a layer does not see the layers above it: randomising those can change which features are picked, and no map.',
      'Maps of one picture are alike because they share its edges and its empty ground; the random map shows how alike unrelated maps are.',
    ],
    warnings: flatWarnings(scores.at(-1)!, images),
    images,
    tables: [stagesTable(stages, alike, scores)],
    charts: MEASURES.map(({ id, name }, measure) => stagesChart(id, name, stages, alike, measure)),
  }
}

/** A flat map has no order of its pixels to compare. */
function flatWarnings(last: ImageScores, images: number): string[] {
  const flat = images - definedCount(last, 0)
  if (flat === 0) return []
  return [
    `For ${flat} of ${counted(images, 'image')} the network with all layers randomised has a flat heatmap: they are not in the mean of the rank correlation.`,
  ]
}

/** Images for which a series has a rank correlation. */
function definedCount(scores: ImageScores, series: number): number {
  const columns = SERIES.length * MEASURES.length
  const own = scores.rows('alike').filter((_, i) => i % columns === series * MEASURES.length)
  return own.filter((value) => !Number.isNaN(value)).length
}

function conclusion(alike: Alike, images: number): Pick<CheckResult, 'sentence' | 'verdict'> {
  const [anew, same] = alike.at(-1)!
  const [[rank, structure], [sameRank]] = [anew, same]
  const beside = [
    ...(structure ? [`structural similarity ${withInterval(structure)}`] : []),
    ...(sameRank ? [`rank correlation ${withInterval(sameRank)} with the same features`] : []),
    counted(images, 'image'),
  ].join('; ')
  if (!rank) {
    return {
      sentence: `The heatmaps are sensitive to what the network has learnt: with all layers randomised none is left to compare; ${beside}.`,
      verdict: 'for',
    }
  }
  const numbers = `with all layers randomised the rank correlation with the original heatmaps is ${withInterval(rank)}; ${beside}`
  if (rank.high < ALIKE) {
    return { sentence: `The heatmaps are sensitive to what the network has learnt: ${numbers}.`, verdict: 'for' }
  }
  if (rank.low > ALIKE) {
    return { sentence: `The heatmaps are insensitive to what the network has learnt: ${numbers}.`, verdict: 'against' }
  }
  return {
    sentence: `It is open whether the heatmaps are sensitive to what the network has learnt: ${numbers}.`,
    verdict: 'open',
  }
}

function stagesTable(stages: readonly Stage[], alike: Alike, scores: readonly ImageScores[]): CheckTable {
  return {
    id: 'stages',
    title: 'How alike maps are to the original after each stage, from the output down',
    columns: [
      text('randomised_down_to', 'randomised down to'),
      numeric('layers', 'layers', 0),
      text('map', 'map'),
      text('role', 'role'),
      numeric('defined', 'images with a rank correlation', 0),
      ...withEnds('spearman', 'rank correlation'),
      ...withEnds('ssim', 'structural similarity'),
    ],
    rows: stages.flatMap(({ name, nodes }, stage) =>
      SERIES.map((series, i) => [
        name,
        nodes.length,
        series.name,
        series.control ? 'control' : 'heatmap',
        definedCount(scores[stage], i),
        ...alike[stage][i].flatMap((found) => (found ? [found.value, found.low, found.high] : [...NO_ENDS])),
      ]),
    ),
  }
}

function stagesChart(
  id: string,
  name: string,
  stages: readonly Stage[],
  alike: Alike,
  measure: number,
): CheckChart {
  return {
    kind: 'lines',
    id,
    title: `${name} with the original while layers are randomised from the output down`,
    xTitle: `randomised layers (${stages.map((stage) => stage.name).join(', ')})`,
    yTitle: name,
    // A box and a flat map stay what they are; their lines would lie on that of Sobel.
    series: SERIES.flatMap((series, i) => {
      if (series.id === 'centre-box' || series.id === 'constant') return []
      const found = alike.flatMap((stage, s) => {
        const interval = stage[i][measure]
        return interval ? [{ x: stages[s].nodes.length, ...interval }] : []
      })
      if (found.length === 0) return []
      return [
        {
          name: series.name,
          control: series.control,
          x: [0, ...found.map(({ x }) => x)],
          // Before the first stage every map is its own original.
          y: [1, ...found.map(({ value }) => value)],
          low: [1, ...found.map(({ low }) => low)],
          high: [1, ...found.map(({ high }) => high)],
        },
      ]
    }),
  }
}
