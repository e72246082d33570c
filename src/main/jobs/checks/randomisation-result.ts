import type { Interval } from '../../../core/bootstrap.ts'
import { CONTROLS } from '../../../core/control-maps.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckChart, CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { ALIKE, definedMean, MEASURES } from './alikeness.ts'
import type { ImageScores } from './image-scores.ts'
import { NO_ENDS, numeric, text, withEnds } from './tables.ts'
import { counted, withInterval } from './words.ts'

/** The maps that are followed through the stages. */
export const RANDOMISED_SERIES = [
  { id: 'anew', name: 'Explanation of the randomised network', control: false },
  { id: 'same', name: 'Heatmaps of the same features', control: false },
  ...CONTROLS.map(({ id, name }) => ({ id, name, control: true as const })),
] as const

/** What is randomised at one stage. */
export interface Stage {
  readonly nodes: readonly number[]
  /** The layer that is reached. */
  readonly name: string
}

/** `[stages][series][measures]`; null where a measure is not defined for any image. */
type Alike = readonly (readonly (readonly (Interval | null)[])[])[]

/** @param scores `alike` `[images, stages, series, measures]`, NaN where one is not defined. */
export function randomisationResult(spec: CheckSpec, stages: readonly Stage[], scores: ImageScores): CheckResult {
  const values = valuesOf(scores, stages.length)
  const alike: Alike = stages.map((_, stage) =>
    RANDOMISED_SERIES.map((__, series) =>
      MEASURES.map((___, measure) => definedMean(values(stage, series, measure), spec.seed)),
    ),
  )
  const defined = stages.map((_, stage) =>
    RANDOMISED_SERIES.map((__, series) => values(stage, series, 0).filter((value) => !Number.isNaN(value)).length),
  )
  const images = scores.images.length
  return {
    check: 'randomisation',
    title: LISTED_CHECKS.randomisation.title,
    ...conclusion(alike, images),
    limits: [
      'A heatmap that changes with the weights may still be wrong: this finds heatmaps that are blind to the network, and ranks nothing.',
      'The selected features are kept while the weights change. A heatmap that starts at a layer does not see the layers above it: randomising those can change which features are picked, and no map.',
      'Maps of one picture are alike because they share its edges and its empty ground; the random map shows how alike unrelated maps are.',
    ],
    warnings: flatWarnings(images - defined.at(-1)![0], images),
    images,
    tables: [stagesTable(stages, alike, defined)],
    charts: MEASURES.map(({ id, name }, measure) => stagesChart(id, name, stages, alike, measure)),
  }
}

/** The values of one measure, one for each image. */
function valuesOf(scores: ImageScores, stages: number) {
  const all = scores.rows('alike')
  const perImage = stages * RANDOMISED_SERIES.length * MEASURES.length
  return (stage: number, series: number, measure: number): Float64Array => {
    const column = (stage * RANDOMISED_SERIES.length + series) * MEASURES.length + measure
    return Float64Array.from({ length: scores.images.length }, (_, image) => all[image * perImage + column])
  }
}

/** A flat map has no order of its pixels to compare. */
function flatWarnings(flat: number, images: number): string[] {
  if (flat === 0) return []
  return [
    `For ${flat} of ${counted(images, 'image')} the network with all layers randomised has a flat heatmap: they are not in the mean of the rank correlation.`,
  ]
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

/** @param defined `[stages][series]`: images with a rank correlation. */
function stagesTable(stages: readonly Stage[], alike: Alike, defined: readonly (readonly number[])[]): CheckTable {
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
      RANDOMISED_SERIES.map((series, i) => [
        name,
        nodes.length,
        series.name,
        series.control ? 'control' : 'heatmap',
        defined[stage][i],
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
    series: RANDOMISED_SERIES.flatMap((series, i) => {
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
