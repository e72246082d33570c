import type { Cell, Table } from '../../core/charts/table.ts'
import { mapRange } from '../../core/heatmap-pixels.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { ComputedExplanation } from '../../shared/results.ts'
import { displayImage } from '../data/preprocess.ts'
import { methodsFigure } from '../figures/methods.ts'
import { shortNumber } from '../figures/parts.ts'
import { computeExplanation } from './computed-explanation.ts'
import { requireAddedImage } from './added-images.ts'
import {
  counted,
  describeSelection,
  describeStrideCorrection,
  listed,
  METHOD_NAMES,
  percent,
} from './figure-captions.ts'
import { optionsOf, type DrawnFigure } from './figure-drawn.ts'
import { placeOf, readImage } from './images.ts'
import type { Project } from './project.ts'
import { breathe } from './runner.ts'

type ExplanationFigure = Extract<FigureSpec, { kind: 'explanation' }>

/** One image by one or several methods. What a job has not stored is computed. */
export async function drawExplanation(
  project: Project,
  { explanation, image, classIndex, methods, display }: ExplanationFigure,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { name, label } = describeImage(project, image)
  const found: ComputedExplanation[] = []
  for (const method of methods) {
    found.push(await computeExplanation(project, { explanation, image, classIndex, method }))
    await breathe()
  }
  const [first] = found
  const { classes, preprocessing } = project.config
  const shown = displayImage(await readImage(project, image), preprocessing)
  const explained = `explained: ${classes[first.classIndex]} (${percent(first.probability)})`
  const predicted = `predicted: ${classes[first.predicted]} (${percent(first.confidence)})`
  const facts = [
    ...(label === null ? [] : [`true class: ${classes[label]}`]),
    predicted,
    ...(first.classIndex === first.predicted ? [] : [explained]),
    `${counted(explanation.topFeatures, 'strongest feature')} of ${explanation.selection.layers}`,
  ]
  const { height, width, channels, data: pixels } = shown
  return {
    svg: await methodsFigure(
      {
        name,
        image: shown,
        facts,
        methods: found.map((each) => ({
          name: METHOD_NAMES[each.method],
          combined: each.combined,
          features: each.features.map((feature, i) => ({
            feature,
            contribution: feature.contribution,
            map: mapAt(each.heatmaps, i),
          })),
        })),
        display,
      },
      optionsOf(style),
    ),
    table: tableOf(name, classes, label, found),
    arrays: [
      { name: 'image', matrix: { shape: [height, width, channels], data: pixels } },
      ...found.flatMap(({ method, heatmaps, combined }) => [
        { name: method, matrix: heatmaps },
        { name: `${method}-combined`, matrix: combined },
      ]),
    ],
    caption: [
      `Explanation of ${name} for class ${classes[first.classIndex]} (probability ${percent(first.probability)}${first.classIndex === first.predicted ? ', the prediction' : `; predicted is ${classes[first.predicted]}, ${percent(first.confidence)}`}${label === null ? '' : `; true class ${classes[label]}`}) by ${listed(found.map(({ method }) => METHOD_NAMES[method]))}.`,
      `For each the combined heatmap and those of the ${counted(explanation.topFeatures, 'strongest feature')} of ${explanation.selection.layers} (${describeSelection(explanation.selection)}; ${describeStrideCorrection(explanation.strideCorrection)}; colours reduced by ${explanation.reduction === 'l2' ? 'their norm' : 'their largest magnitude'}).`,
      ...(first.features.length > 0
        ? [
            `Contributions: ${listed(first.features.map(({ layerNumber, channel, contribution }) => `layer ${layerNumber} channel ${channel} ${shortNumber(contribution)}`))}.`,
          ]
        : ['No relevant feature speaks for this class.']),
    ].join(' '),
    seeds: {},
  }
}

function describeImage(project: Project, id: ExplanationFigure['image']): { name: string; label: number | null } {
  const { role, index } = placeOf(project, id)
  if (role === 'added') return { name: requireAddedImage(project, index).name, label: null }
  const { name, label } = project[role].records[index]
  return { name, label }
}

function mapAt({ shape, data }: Matrix<Float32Array>, index: number): Matrix<Float32Array> {
  const [, height, width] = shape as [number, number, number]
  return { shape: [height, width], data: data.slice(index * height * width, (index + 1) * height * width) }
}

/** One row per map; the combined map of a method is rank 0 and has no feature. */
function tableOf(
  name: string,
  classes: readonly string[],
  label: number | null,
  found: readonly ComputedExplanation[],
): Table {
  return {
    columns: [
      'image',
      'true_class',
      'predicted_class',
      'confidence',
      'explained_class',
      'probability',
      'method',
      'rank',
      'layer_number',
      'layer_name',
      'layer_kind',
      'channel',
      'contribution',
      'min',
      'max',
    ],
    rows: found.flatMap((each) => {
      const image: Cell[] = [
        name,
        label === null ? null : classes[label],
        classes[each.predicted],
        each.confidence,
        classes[each.classIndex],
        each.probability,
        each.method,
      ]
      const combined = mapRange(each.combined.data)
      return [
        [...image, 0, null, null, null, null, null, combined.min, combined.max],
        ...each.features.map(({ layerNumber, layerName, layerKind, channel, contribution }, i): Cell[] => {
          const { min, max } = mapRange(mapAt(each.heatmaps, i).data)
          return [...image, i + 1, layerNumber, layerName, layerKind, channel, contribution, min, max]
        }),
      ]
    }),
  }
}
