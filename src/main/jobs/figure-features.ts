import type { Cell } from '../../core/charts/table.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { VebiError } from '../../shared/errors.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { AverageImage, FeatureName } from '../../shared/results.ts'
import type { RawImage } from '../data/types.ts'
import { averageImageGrid, featurePage } from '../figures/averages.ts'
import { shortNumber } from '../figures/parts.ts'
import { selectionMatrixFigure } from '../figures/selection-matrix.ts'
import { averageGridTable, featurePageTable } from '../figures/tables.ts'
import type { AverageCell, FeaturePageData } from '../figures/types.ts'
import { capitalised, counted, dataSetName, describeFeature, describeSelection, listed } from './figure-captions.ts'
import { featureLabel } from './figure-data.ts'
import { optionsOf, type DrawnFigure } from './figure-drawn.ts'
import type { Project } from './project.ts'
import { featureName, requireClass, selectionMatrix } from './selection-views.ts'
import { select, type Selection } from './selection.ts'
import { readAverage, readAverageMean } from './stored-averages.ts'
import { stored } from './stored.ts'

type Spec<Kind extends FigureSpec['kind']> = Extract<FigureSpec, { kind: Kind }>

/** Figures of features from stored results. Each throws VebiError('not-ready') where its result is not computed. */

export async function drawSelectionMatrix(
  project: Project,
  { selection: spec }: Spec<'selection-matrix'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const selection = await stored(project, 'selection', spec, select)
  const { features, weights } = byLayer(selectionMatrix(selection))
  const { classes } = project.config
  const layers: { number: number; name: string; columns: number }[] = []
  for (const { layerNumber, layerName } of features) {
    const last = layers.at(-1)
    if (last?.number === layerNumber) last.columns++
    else layers.push({ number: layerNumber, name: layerName, columns: 1 })
  }
  const width = features.length
  const rows = classes.flatMap((name, j) =>
    features.flatMap(({ layerNumber, layerName, layerKind, channel }, i): Cell[][] => {
      const weight = weights.data[j * width + i]
      return weight === 0 ? [] : [[name, layerNumber, layerName, layerKind, channel, weight]]
    }),
  )
  const shared = features.filter((_, i) => {
    let uses = 0
    for (let j = 0; j < classes.length; j++) if (weights.data[j * width + i] !== 0) uses++
    return uses > 1
  }).length
  const accepted = selection.certificates.filter((each) => each.accepted).length
  return {
    svg: await selectionMatrixFigure({ classes, layers, weights }, optionsOf(style)),
    table: { columns: ['class', 'layer_number', 'layer_name', 'layer_kind', 'channel', 'weight'], rows },
    arrays: [
      { name: 'weights', matrix: weights },
      {
        name: 'features',
        matrix: {
          shape: [width, 2],
          data: Int32Array.from(features.flatMap(({ layerNumber, channel }) => [layerNumber, channel])),
        },
      },
    ],
    caption: [
      `Weights of the ${counted(width, 'feature')} of ${spec.layers} that are relevant to some of the ${counted(classes.length, 'class', 'classes')}, by layer and channel; ${shared} of them are shared by several classes, ${(rows.length / Math.max(1, classes.length)).toFixed(1)} are relevant to a class on average.`,
      `${capitalised(describeSelection(spec))}; selected on ${counted(project.train.records.length, 'training image')} of ${dataSetName(project.config.train)}; the duality gap accepts ${accepted} of ${classes.length} solutions.`,
    ].join(' '),
    seeds: {},
  }
}

/** Columns by layer number and channel. */
function byLayer({ features, weights }: { features: readonly FeatureName[]; weights: Matrix<Float64Array> }): {
  features: FeatureName[]
  weights: Matrix<Float64Array>
} {
  const order = [...features.keys()].sort(
    (a, b) => features[a].layerNumber - features[b].layerNumber || features[a].channel - features[b].channel,
  )
  const [classes, width] = weights.shape as [number, number]
  const data = new Float64Array(weights.data.length)
  for (let j = 0; j < classes; j++) {
    order.forEach((from, to) => (data[j * width + to] = weights.data[j * width + from]))
  }
  return { features: order.map((i) => features[i]), weights: { shape: [classes, width], data } }
}

interface Ranked {
  readonly feature: number
  /** The class of the weight. */
  readonly classIndex: number
  readonly weight: number
}

export async function drawAverages(
  project: Project,
  { averages, selection: spec, classIndex, layerNumber, features, limit }: Spec<'averages'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { classes } = project.config
  if (classIndex !== null) requireClass(classIndex, classes.length)
  const selection = await stored(project, 'selection', spec, select)
  const { layout } = selection
  const whose = classIndex === null ? 'some class' : classes[classIndex]
  const where = layerNumber === null ? spec.layers : `layer ${layerNumber}`
  const relevant = rankedFeatures(selection, classes.length, classIndex).filter(
    ({ feature }) => layerNumber === null || locate(layout, feature).layer.number === layerNumber,
  )
  const byFeature = new Map(relevant.map((each) => [each.feature, each]))
  const absent = features?.find((feature) => !byFeature.has(feature))
  if (absent !== undefined && absent < layout.size) {
    const name = capitalised(describeFeature(featureName(layout, absent)))
    throw new VebiError('bad-data', `${name} is not one of the features of ${where} with a weight for ${whose}.`)
  }
  if (absent !== undefined) {
    throw new VebiError('bad-argument', `There is no feature ${absent}: they are numbered 0 to ${layout.size - 1}.`)
  }
  if (relevant.length === 0) {
    throw new VebiError('bad-data', `No feature of ${where} has a weight for ${whose}: there is no average image to draw.`)
  }
  const shown = (features?.map((feature) => byFeature.get(feature)!) ?? relevant).slice(0, limit)
  const order = orderInWords(shown)
  const images = shown.map(({ feature }) => readAverageMean(project, averages, feature))
  const cells = shown.map(
    ({ feature, weight, classIndex: j }, i): AverageCell => ({
      feature: featureLabel(layout, feature),
      weight,
      ...(classIndex === null ? { className: classes[j] } : {}),
      average: rawImage(images[i].mean),
      distinctImages: images[i].distinctImages,
      patches: images[i].averagedPatches,
    }),
  )
  const title = [
    classIndex === null ? 'all classes' : classes[classIndex],
    ...(layerNumber === null ? [] : [`layer ${layerNumber}`]),
  ].join(', ')
  const data = { classes: [{ name: capitalised(title), cells, order, total: relevant.length }] }
  const table = averageGridTable(data)
  const against = shown.filter(({ weight }) => weight < 0).length
  return {
    svg: await averageImageGrid(data, optionsOf(style)),
    table:
      classIndex === null
        ? { ...table, rows: table.rows.map((row, i): Cell[] => [classes[shown[i].classIndex], ...row.slice(1)]) }
        : table,
    arrays: images.map((image) => ({ name: `layer${image.layerNumber}-channel${image.channel}`, matrix: image.mean })),
    caption: [
      `Average images of ${howMany(shown, relevant)} of ${where} with a weight for ${whose}${shown.length > 1 ? `, ${order}` : ''}; each over at most ${averages.patches} patches of the receptive field at the strongest responses.`,
      ...(against > 0
        ? [`${against === 1 ? '1 weight is' : `${against} weights are`} negative: ${against === 1 ? 'its feature speaks' : 'their features speak'} against the class.`]
        : []),
      `${capitalised(describeSelection(spec))}; patches from ${counted(project.train.records.length, 'training image')} of ${dataSetName(project.config.train)}.`,
    ].join(' '),
    seeds: { averages: averages.seed },
  }
}

function howMany(shown: readonly Ranked[], relevant: readonly Ranked[]): string {
  const all = counted(relevant.length, 'feature')
  if (shown.length === relevant.length) return `the ${all}`
  const strongest = new Set(relevant.slice(0, shown.length))
  return shown.every((each) => strongest.has(each))
    ? `the ${shown.length} strongest of the ${all}`
    : `${shown.length} chosen of the ${all}`
}

function orderInWords(shown: readonly Ranked[]): string {
  const sorted = (before: (a: Ranked, b: Ranked) => boolean): boolean =>
    shown.every((each, i) => i === 0 || before(shown[i - 1], each))
  if (sorted((a, b) => Math.abs(a.weight) >= Math.abs(b.weight))) return 'largest magnitude of the weight first'
  return sorted((a, b) => a.feature < b.feature) ? 'by layer and channel' : 'in a chosen order'
}

/**
 * Relevant features with their weight for one class or, where none is given, their weight of largest magnitude with
 * its class; largest magnitude first.
 */
function rankedFeatures({ layout, weights }: Selection, classes: number, classIndex: number | null): Ranked[] {
  const best = new Map<number, Ranked>()
  for (let j = 0; j < classes; j++) {
    if (classIndex !== null && j !== classIndex) continue
    for (let feature = 0; feature < layout.size; feature++) {
      const weight = weights[j * layout.size + feature]
      if (Math.abs(weight) <= Math.abs(best.get(feature)?.weight ?? 0)) continue
      best.set(feature, { feature, classIndex: j, weight })
    }
  }
  return [...best.values()].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.feature - b.feature)
}

/** Spread in grey levels at the upper end of its colours: half of the range of an image. */
const SPREAD_SCALE = 127.5

export async function drawFeature(
  project: Project,
  { averages, feature, patches }: Spec<'feature'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const selections: Selection[] = []
  for (const each of averages.selections) selections.push(await stored(project, 'selection', each, select))
  const found = readAverage(project, averages, feature)
  const data = featurePageData(project, selections, found, feature, patches)
  const { relevantTo, note, pinned } = data
  const strongest = relevantTo.slice(0, 3).map(({ className, weight }) => `${className} (weight ${shortNumber(weight)})`)
  const more = relevantTo.length - strongest.length
  return {
    svg: await featurePage(data, optionsOf(style)),
    table: featurePageTable(data),
    arrays: [
      { name: 'mean', matrix: found.mean },
      { name: 'spread', matrix: found.spread },
      { name: 'random', matrix: found.randomMean },
      { name: 'patches', matrix: found.montage },
    ],
    caption: [
      `${capitalised(describeFeature(found))}: average of the ${counted(found.patches.length, 'patch', 'patches')} with the strongest response from ${counted(found.distinctImages, 'image')}, their standard deviation, the average of ${counted(found.randomPatches, 'random patch', 'random patches')} of the same layer, and the ${counted(data.patches.length, 'strongest patch', 'strongest patches')}.`,
      relevantTo.length === 0
        ? 'Relevant to no class.'
        : `Relevant to ${listed([...strongest, ...(more > 0 ? [`${more} more`] : [])])}.`,
      `${capitalised(describeSelection(averages.selections[0]))}; patches from ${counted(project.train.records.length, 'training image')} of ${dataSetName(project.config.train)}.`,
      ...(note ? [`Note: ${sentence(note)}`] : []),
      ...(pinned ? ['Pinned.'] : []),
    ].join(' '),
    seeds: { averages: averages.seed },
  }
}

function featurePageData(
  project: Project,
  selections: readonly Selection[],
  found: AverageImage,
  feature: number,
  patches: number,
): FeaturePageData {
  const { layout } = selections[0]
  const { classes } = project.config
  const [height, width] = found.spread.shape as [number, number]
  const name = featureName(layout, feature)
  const written = project.store.notes
    .list()
    .find(({ layerNumber, channel }) => layerNumber === name.layerNumber && channel === name.channel)
  return {
    feature: featureLabel(layout, feature),
    relevantTo: relevantClasses(layout, selections, feature, classes),
    note: written?.text.trim() ?? '',
    pinned: written?.pinned ?? false,
    average: rawImage(found.mean),
    spread: {
      height,
      width,
      data: found.spread.data.map((value) => (Number.isNaN(value) ? 0 : value)),
      min: 0,
      max: SPREAD_SCALE,
    },
    randomAverage: rawImage(found.randomMean),
    randomPatches: found.randomPatches,
    patches: montageImages(found.montage).slice(0, patches),
    averagedPatches: found.patches.length,
    distinctImages: found.distinctImages,
    clipped: found.patches.flatMap(({ clipped }, i) => (clipped && i < patches ? [i] : [])),
    receptiveField: { height, width },
  }
}

/** By the first selection that gives the feature a weight. */
function relevantClasses(
  { size }: FeatureLayout,
  selections: readonly Selection[],
  feature: number,
  classes: readonly string[],
): { className: string; weight: number }[] {
  for (const { weights } of selections) {
    const found = classes
      .map((className, j) => ({ className, weight: weights[j * size + feature] }))
      .filter(({ weight }) => weight !== 0)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    if (found.length > 0) return found
  }
  return []
}

/** Rounded to 8 bits; pixels that no patch reaches are mid-grey, as in the montage. */
function rawImage({ shape, data }: Matrix<Float32Array>): RawImage {
  const [height, width, channels] = shape as [number, number, 1 | 3]
  const bytes = Uint8Array.from(data, (value) => (Number.isNaN(value) ? 128 : Math.round(value)))
  return { height, width, channels, data: bytes }
}

function montageImages({ shape, data }: Matrix<Uint8Array>): RawImage[] {
  const [count, height, width, channels] = shape as [number, number, number, 1 | 3]
  const length = height * width * channels
  return Array.from({ length: count }, (_, i) => ({
    height,
    width,
    channels,
    data: data.slice(i * length, (i + 1) * length),
  }))
}

function sentence(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return /[.!?]$/.test(line) ? line : `${line}.`
}
