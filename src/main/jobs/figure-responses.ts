import {
  layerStatisticsChart,
  layerStatisticsHeight,
  layerStatisticsTable,
} from '../../core/charts/layer-statistics.ts'
import { receptiveFieldsChart, receptiveFieldsTable } from '../../core/charts/receptive-fields.ts'
import { responsesChart, responsesHeight, responsesTable, type ResponsesOfClass } from '../../core/charts/responses.ts'
import { featuresOf, locate } from '../../core/features.ts'
import { layersOf } from '../../core/layers.ts'
import { VebiError } from '../../shared/errors.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import { renderChart } from '../figures/chart.ts'
import { shortNumber } from '../figures/parts.ts'
import { stackPanels } from '../figures/stack.ts'
import { capitalised, counted, dataSetName, describeFeature, describeSelection, listed } from './figure-captions.ts'
import { chartSize, sizeOfHeight } from './figure-charts.ts'
import { optionsOf, type DrawnFigure } from './figure-drawn.ts'
import { inspect } from './inspection.ts'
import { layoutOf, type Project } from './project.ts'
import type { ResponseStatistics } from './response-statistics.ts'
import { featureName, requireClass } from './selection-views.ts'
import { select } from './selection.ts'
import { stored } from './stored.ts'

type Spec<Kind extends FigureSpec['kind']> = Extract<FigureSpec, { kind: Kind }>

/** What features respond to, and what their units can see at all. */

/** Throws VebiError('not-ready') where the responses or the selection are not computed. */
export async function drawResponses(
  project: Project,
  statistics: ResponseStatistics,
  { extraction, selection: selectionSpec, feature, classes: chosen, limit }: Spec<'responses'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { classes } = project.config
  for (const classIndex of chosen ?? []) requireClass(classIndex, classes.length)
  const responses = await statistics.ofFeature(extraction, feature)
  const name = featureName(layoutOf(project.graph, extraction.layers), feature)
  const weights = await weightsOf(project, selectionSpec, extraction, feature)
  const all = responses
    .map((each) => ({ ...each, name: classes[each.classIndex], weight: weights[each.classIndex] }))
    .sort(byWeight)
  const byClass = new Map(all.map((each) => [each.classIndex, each]))
  // Classes without training images have nothing to draw.
  const wanted = chosen?.flatMap((classIndex) => byClass.get(classIndex) ?? []) ?? all
  if (wanted.length === 0) {
    throw new VebiError('bad-data', 'No class of this figure has a training image: there is no response to draw.')
  }
  const shown = wanted.slice(0, limit)
  const data = { classes: shown }
  const relevant = all.filter(({ weight }) => weight !== 0)
  const drawnRelevant = shown.filter(({ weight }) => weight !== 0).length
  const strongest = relevant
    .slice(0, 3)
    .map((each) => `${each.name} (weight ${shortNumber(each.weight)}, median ${shortNumber(each.quantiles[2])})`)
  const more = relevant.length - strongest.length
  const others = medianOf(all.filter(({ weight }) => weight === 0))
  const svg = renderChart((chart) => responsesChart(data, chart), sizeOfHeight(style, responsesHeight(shown.length)))
  const note = leftOut(shown, all)
  return {
    svg: note ? stackPanels([{ title: '', note, svg }], optionsOf(style)) : svg,
    table: responsesTable(data),
    arrays: [
      {
        name: 'quantiles',
        matrix: { shape: [shown.length, 5], data: Float64Array.from(shown.flatMap(({ quantiles }) => [...quantiles])) },
      },
      { name: 'classes', matrix: { shape: [shown.length], data: Int32Array.from(shown, (each) => each.classIndex) } },
      { name: 'weights', matrix: { shape: [shown.length], data: Float64Array.from(shown, (each) => each.weight) } },
    ],
    caption: [
      `Responses of ${describeFeature(name)} to the training images of ${note || counted(all.length, 'class', 'classes')}: boxes hold the middle half of the images, lines reach from 5 % to 95 %, the dark stroke is the median.`,
      relevant.length === 0
        ? 'Relevant to no class.'
        : `Relevant to ${listed([...strongest, ...(more > 0 ? [`${more} more`] : [])])}${drawnRelevant < relevant.length ? `; ${drawnRelevant} of these ${relevant.length} classes are drawn` : ''}.`,
      ...(relevant.length > 0 && others !== null
        ? [`Half of the other classes have a median of at most ${shortNumber(others)}.`]
        : []),
      `${capitalised(describeSelection(selectionSpec))}; ${counted(all.reduce((sum, { images }) => sum + images, 0), 'training image')} of ${dataSetName(project.config.train)}.`,
    ].join(' '),
    seeds: {},
  }
}

/** Which of the classes are drawn; empty where all are. `all` in the order of `byWeight`. */
function leftOut(shown: readonly ResponsesOfClass[], all: readonly ResponsesOfClass[]): string {
  if (shown.length === all.length) return ''
  const first = new Set(all.slice(0, shown.length))
  const which = shown.every((each) => first.has(each)) ? 'those of largest weight, then of largest median' : 'chosen ones'
  return `${shown.length} of ${all.length} classes (${which})`
}

/** Largest magnitude of the weight first, then largest median. */
function byWeight(
  a: ResponsesOfClass & { readonly classIndex: number },
  b: ResponsesOfClass & { readonly classIndex: number },
): number {
  return (
    Math.abs(b.weight) - Math.abs(a.weight) || b.quantiles[2] - a.quantiles[2] || a.classIndex - b.classIndex
  )
}

/** The middle one of the medians, the lower where there are two; null without classes. */
function medianOf(classes: readonly ResponsesOfClass[]): number | null {
  const medians = classes.map(({ quantiles }) => quantiles[2]).sort((a, b) => a - b)
  return medians[Math.floor((medians.length - 1) / 2)] ?? null
}

/** Weights of one column of the extraction for each class, `[C]`; a selection may be of other responses. */
async function weightsOf(
  project: Project,
  spec: Spec<'responses'>['selection'],
  extraction: Spec<'responses'>['extraction'],
  feature: number,
): Promise<Float64Array> {
  const { layout, weights } = await stored(project, 'selection', spec, select)
  const { layer, channel } = locate(layoutOf(project.graph, extraction.layers), feature)
  const known = layout.layers.some(({ node }) => node === layer.node)
  const column = known ? featuresOf(layout, [layer.node])[channel] : -1
  return Float64Array.from(project.config.classes, (_, j) => (column < 0 ? 0 : weights[j * layout.size + column]))
}

/** Throws VebiError('not-ready') where the responses are not extracted. */
export async function drawLayerStatistics(
  project: Project,
  statistics: ResponseStatistics,
  { extraction, logarithmic }: Spec<'layer-statistics'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const kinds = new Map(layersOf(project.graph).map(({ number, kind }) => [number, kind]))
  const layers = (await statistics.ofLayers(extraction)).map(({ layerNumber: number, layerName: name, ...spread }) => ({
    ...spread,
    number,
    name,
    kind: kinds.get(number)!,
  }))
  const data = { layers, logarithmic }
  const features = layers.reduce((sum, layer) => sum + layer.features, 0)
  const silent = layers.reduce((sum, layer) => sum + layer.silent, 0)
  const strongest = layers.reduce((best, layer) => (layer.mean > best.mean ? layer : best))
  const weakest = layers.reduce((least, layer) => (layer.mean < least.mean ? layer : least))
  const size = sizeOfHeight(style, layerStatisticsHeight(layers.length))
  const meanOf = ({ number, name, mean }: (typeof layers)[number]): string =>
    `${shortNumber(mean)} in layer ${number} (${name})`
  return {
    svg: renderChart((chart) => layerStatisticsChart(data, chart), size),
    table: layerStatisticsTable(data),
    arrays: [
      {
        name: 'layers',
        matrix: {
          shape: [layers.length, 6],
          data: Float64Array.from(
            layers.flatMap(({ number, features: channels, mean, standardDeviation, largest, silent: quiet }) => [
              number, channels, mean, standardDeviation, largest, quiet,
            ]),
          ),
        },
      },
    ],
    caption: [
      `Responses of the ${counted(features, 'feature')} in the ${counted(layers.length, 'layer')} of ${extraction.layers} before any scaling: boxes reach from one standard deviation below the mean over images and channels to one above it, the stroke is the mean, the dot the largest response to any image${logarithmic ? '; logarithmic axis' : ''}.`,
      ...(layers.length > 1 ? [`The mean is largest, ${meanOf(strongest)}, and smallest, ${meanOf(weakest)}.`] : []),
      silent === 0
        ? 'Every feature responds to some image.'
        : `${counted(silent, 'feature')} ${silent === 1 ? 'responds' : 'respond'} to no image.`,
      `Model ${dataSetName(project.config.model)}, ${counted(project.train.records.length, 'training image')} of ${dataSetName(project.config.train)}.`,
    ].join(' '),
    seeds: {},
  }
}

export function drawReceptiveFields(project: Project, style: FigureStyle): Promise<DrawnFigure> {
  const { graph } = project
  const kinds = new Map(layersOf(graph).map(({ number, kind }) => [number, kind]))
  const { input, layers: inspected } = inspect(graph)
  const layers = inspected.map((layer) => ({ ...layer, kind: kinds.get(layer.number)! }))
  if (layers.length === 0) throw new VebiError('bad-data', 'The model has no layer: there is no receptive field to draw.')
  const [height, width] = input.length === 1 ? [1, input[0]] : input
  const data = { input: [height, width] as const, layers }
  const local = layers.filter(({ stride }) => stride !== null)
  const [first, last] = [local[0], local.at(-1)]
  const everything = layers.length - local.length
  const place = ({ receptiveField, number, name }: (typeof layers)[number]): string =>
    `${receptiveField.join(' × ')} px in layer ${number} (${name})`
  const square = layers.every(({ receptiveField: [vertical, horizontal] }) => vertical === horizontal)
  return Promise.resolve({
    svg: renderChart((chart) => receptiveFieldsChart(data, chart), chartSize(style)),
    table: receptiveFieldsTable(data),
    arrays: [
      {
        name: 'layers',
        matrix: {
          shape: [layers.length, 5],
          data: Int32Array.from(
            layers.flatMap(({ number, receptiveField, stride }) => [number, ...receptiveField, ...(stride ?? [0, 0])]),
          ),
        },
      },
    ],
    caption: [
      `Receptive field of a unit of each of the ${counted(layers.length, 'layer')} of ${dataSetName(project.config.model)}, in pixels of the ${height} × ${width} input${square ? '' : ' (the longer side)'}.`,
      ...(first && last ? [`It grows from ${place(first)} to ${place(last)}.`] : []),
      ...(everything > 0 ? [`Units of ${counted(everything, 'layer')} see the whole input.`] : []),
    ].join(' '),
    seeds: {},
  })
}
