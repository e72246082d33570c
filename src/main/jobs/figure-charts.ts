import { ablationChart, ablationTable, ORIGINAL_CURVE, RANDOM_CURVES } from '../../core/charts/ablation.ts'
import type { AblationChartData } from '../../core/charts/ablation.ts'
import { ablationChartData, classwiseChartData } from '../../core/charts/ablation-data.ts'
import { classwiseChart, classwiseTable, mostAffected } from '../../core/charts/classwise.ts'
import { iouChart, iouTable } from '../../core/charts/iou.ts'
import { pathChart, pathTable } from '../../core/charts/path.ts'
import type { Cell } from '../../core/charts/table.ts'
import { areaUnder, IOU_THRESHOLDS } from '../../core/iou.ts'
import { VebiError } from '../../shared/errors.ts'
import { COLUMN_WIDTHS_CM } from '../../shared/figures.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import type { AblationSpec } from '../../shared/jobs.ts'
import type { AblationCurve } from '../../shared/results.ts'
import { renderChart } from '../figures/chart.ts'
import { POINTS_PER_CM } from '../figures/svg.ts'
import { stackPanels } from '../figures/stack.ts'
import { ablate } from './ablation.ts'
import { classAblation } from './class-ablation.ts'
import { classCurves, evaluate, imageCurves } from './evaluation.ts'
import { counted, describeSelection, describeStrideCorrection, listed, percent, testData } from './figure-captions.ts'
import { iouData } from './figure-data.ts'
import { fileNamePart, optionsOf, type DrawnFigure } from './figure-drawn.ts'
import type { MuPaths } from './mu-paths.ts'
import type { Project } from './project.ts'
import { requireClass } from './selection-views.ts'
import { stored } from './stored.ts'

type Spec<Kind extends FigureSpec['kind']> = Extract<FigureSpec, { kind: Kind }>

/** Charts from stored results. Each throws VebiError('not-ready') where its result is not computed. */

/** Flatter over two columns than in one. */
export function chartSize({ widthCm, fontSizePt, font }: FigureStyle, curves = 0) {
  const wide = widthCm > (COLUMN_WIDTHS_CM.single + COLUMN_WIDTHS_CM.double) / 2
  // A legend of many lines takes room of its own; over two columns three names stand on a line.
  const lines = Math.max(0, curves / (wide ? 3 : 1) - 3)
  const heightCm = widthCm * (wide ? 0.45 : 0.72) + ((fontSizePt - 7) * 4 + lines * 1.45 * fontSizePt) / POINTS_PER_CM
  return { widthCm, heightCm, font, fontSizePt }
}

/** `height` in units of the font size. */
export function sizeOfHeight({ widthCm, fontSizePt, font }: FigureStyle, height: number) {
  return { widthCm, heightCm: Number(((height * fontSizePt) / POINTS_PER_CM).toFixed(2)), font, fontSizePt }
}

export async function drawAblation(
  project: Project,
  { ablation, classIndex, hidden }: Spec<'ablation'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { classes } = project.config
  if (classIndex !== null) requireClass(classIndex, classes.length)
  const result = await stored(project, 'ablation', ablation, ablate)
  const data =
    classIndex === null
      ? ablationChartData(result, result.repeats)
      : await classAblationData(project, ablation, classIndex)
  const shown = data.curves.filter(({ name }) => !hidden.includes(name))
  if (shown.length === 0 && hidden.includes(ORIGINAL_CURVE)) {
    throw new VebiError('bad-argument', 'Every curve of this figure is left out: show at least one.')
  }
  const images = classIndex === null ? result.images.reduce((sum, count) => sum + count, 0) : result.images[classIndex]
  const whose = classIndex === null ? 'Mean class accuracy' : `Accuracy of class ${classes[classIndex]}`
  const removal = shown.map(({ name, selected, random }) => {
    const last = selected.removed.length - 1
    const band =
      random && !hidden.includes(RANDOM_CURVES)
        ? `, 95 % band of ${counted(random.repeats, 'random set')} ${bandText(random.low[last], random.high[last])}`
        : ''
    return `after removing all ${selected.removed[last]} relevant features of ${name} ${percent(selected.accuracy[last])}${band}`
  })
  return {
    svg: renderChart((chart) => ablationChart(data, chart, hidden), chartSize(style)),
    table: ablationTable(data, hidden),
    arrays: shown.map(({ name, selected, random }) => {
      const columns = [selected.removed, selected.accuracy, ...(random ? [random.mean, random.low, random.high] : [])]
      return { name: fileNamePart(name), matrix: matrixOfColumns(columns) }
    }),
    caption: [
      `${whose} on ${images} ${testData(project)} while relevant features are removed, largest weight first.`,
      `Accuracy of the intact network ${percent(data.original)}${removal.length > 0 ? `; ${removal.join('; ')}` : ''}.`,
      `Removed channels ${REPLACEMENTS[ablation.replacement]}; ${describeSelection(ablation.selections[0])}, seed ${ablation.seed}.`,
    ].join(' '),
    seeds: { ablation: ablation.seed },
  }
}

const REPLACEMENTS = {
  zero: 'are set to zero',
  mean: 'are replaced by their mean over training images',
  resample: 'are replaced by those of another image',
} as const

function bandText(low: number, high: number): string {
  return `${(low * 100).toFixed(1)} to ${percent(high)}`
}

async function classAblationData(
  project: Project,
  spec: AblationSpec,
  classIndex: number,
): Promise<AblationChartData> {
  const className = project.config.classes[classIndex]
  const found = await classAblation(project, spec, classIndex)
  if (found.images > 0) return ablationChartData(found, spec.repeats, className)
  throw new VebiError('bad-data', `Class ${className} has no test image: it has no accuracy to draw.`)
}

/** Room for a bar group and its name, in font sizes. */
const NARROWEST_GROUP = 1.3
const CLASSWISE_LEGEND = 6

export async function drawClasswise(
  project: Project,
  { ablation }: Spec<'classwise'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const result = await stored(project, 'ablation', ablation, ablate)
  const { classes } = project.config
  const most = Math.max(1, Math.floor((style.widthCm * POINTS_PER_CM) / (NARROWEST_GROUP * style.fontSizePt)) - 5)
  // Names of classes stand upright or aslant where they are many.
  const size = chartSize(style, CLASSWISE_LEGEND)
  const panels = result.curves.map((curve) => {
    const all = classwiseChartData(curve, classes)
    const drawn = mostAffected(all, most)
    const left = drawn.classes.length < all.classes.length
    return {
      name: curve.name,
      all,
      drawn,
      panel: {
        title: result.curves.length > 1 ? curve.name : '',
        note: left ? `${drawn.classes.length} of ${all.classes.length} classes: those that lose most` : '',
        svg: renderChart((chart) => classwiseChart(drawn, chart), size),
      },
    }
  })
  const tables = panels.map(({ name, all, drawn }) => {
    const shown = new Set(drawn.classes)
    const { columns, rows } = classwiseTable(all)
    return {
      columns: ['features_of', ...columns, 'drawn'],
      rows: rows.map((row, i): Cell[] => [name, ...row, shown.has(all.classes[i]) ? 1 : 0]),
    }
  })
  const means = result.curves.map(({ name, classwise }) => {
    const mean = (pick: (effect: AblationCurve['classwise'][number]) => number): string =>
      ((classwise.reduce((sum, effect) => sum + pick(effect), 0) / Math.max(1, classwise.length)) * 100).toFixed(1)
    return (
      `${name}: ${mean((each) => each.lossOwn)} points on the class itself, ${mean((each) => each.lossOthers)} on the` +
      ` others, ${mean((each) => each.lossRandom)} with random features of the same layers`
    )
  })
  const left = panels.find(({ panel }) => panel.note !== '')
  return {
    svg: stackPanels(panels.map(({ panel }) => panel), optionsOf(style)),
    table: { columns: tables[0].columns, rows: tables.flatMap(({ rows }) => rows) },
    arrays: result.curves.map(({ name, classwise }) => ({
      name: fileNamePart(name),
      matrix: matrixOfColumns([
        classwise.map((each) => each.classIndex),
        classwise.map((each) => each.lossOwn),
        classwise.map((each) => each.lossOthers),
        classwise.map((each) => each.lossRandom),
        classwise.map((each) => each.lossRandomLow),
        classwise.map((each) => each.lossRandomHigh),
      ]),
    })),
    caption: [
      `Loss of accuracy on ${result.images.reduce((sum, count) => sum + count, 0)} ${testData(project)} when the features with positive weight for one class are removed; whiskers hold 95 % of ${counted(result.repeats, 'random set')}.`,
      `Mean over the classes: ${means.join('; ')}.`,
      ...(left ? [`Shown are the ${left.drawn.classes.length} of ${left.all.classes.length} classes that lose most.`] : []),
      `Removed channels ${REPLACEMENTS[ablation.replacement]}; ${describeSelection(ablation.selections[0])}, seed ${ablation.seed}.`,
    ].join(' '),
    seeds: { ablation: ablation.seed },
  }
}

export async function drawPath(
  project: Project,
  paths: MuPaths,
  { path, maxMu }: Spec<'path'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { mu, features, weights, complete } = await paths.weights(path, maxMu)
  const className = project.config.classes[path.classIndex]
  const data = {
    mu: [...mu],
    features: features.map((feature, row) => ({
      name: `${feature.layerName} / ${feature.channel}`,
      weights: [...weights.data.subarray(row * mu.length, (row + 1) * mu.length)],
    })),
  }
  const last = mu.at(-1) ?? 0
  const active = data.features.filter((feature) => feature.weights.at(-1) !== 0).length
  const { preset, layers, nonnegative, labels } = path.selection
  return {
    svg: renderChart((chart) => pathChart(data, chart), chartSize(style)),
    table: pathTable(data),
    arrays: [
      { name: 'mu', matrix: { shape: [mu.length], data: mu } },
      { name: 'weights', matrix: weights },
    ],
    caption: [
      `Weights of the features of ${layers} for class ${className} on the exact path of the μ-Lasso, linear between ${counted(mu.length, 'breakpoint')}.`,
      `At μ = ${Number(last.toPrecision(4))}${complete ? ', where the path ends,' : ''} ${counted(active, 'feature')} ${active === 1 ? 'has' : 'have'} a weight.`,
      `Preset ${preset}${nonnegative ? ', weights of 0 and above' : ''}, ${labels} labels, trained on ${counted(project.train.records.length, 'image')}.`,
    ].join(' '),
    seeds: {},
  }
}

export async function drawIou(
  project: Project,
  { evaluation, classIndex, image, hidden }: Spec<'iou'>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { classes } = project.config
  if (classIndex !== null) requireClass(classIndex, classes.length)
  const result = await stored(project, 'evaluation', evaluation, evaluate)
  const own = await partOfIou(project, evaluation, classIndex, image)
  const whole = iouData(result)
  // What is left out keeps its colour, as on the screen.
  const all = whole.curves.map((curve, kind) => {
    const iou = own?.curves[kind] ?? curve.iou
    return { ...curve, iou, area: own ? areaUnder(iou) : curve.area, hidden: hidden.includes(result.scores[kind].kind) }
  })
  const shown = { ...whole, curves: all.filter((curve) => !curve.hidden) }
  if (shown.curves.length === 0) {
    throw new VebiError('bad-argument', 'Every curve of this figure is left out: show at least one.')
  }
  const areas = shown.curves.map(({ method, area }) => `${method} ${area.toFixed(3)}`)
  const levels = IOU_THRESHOLDS.length
  const curves = Float64Array.from(shown.curves.flatMap(({ iou }) => [...iou]))
  const masks = own?.masks ?? `the masks of ${counted(result.images, 'test image')}`
  return {
    svg: renderChart((chart) => iouChart({ ...whole, curves: all }, chart), chartSize(style, shown.curves.length)),
    table: iouTable(shown),
    arrays: [{ name: 'curves', matrix: { shape: [shown.curves.length, levels], data: curves } }],
    caption: [
      `${image === null ? 'Mean intersection' : 'Intersection'} over union of heatmaps with ${masks}, against the threshold on the heatmap.`,
      `Area under the curve: ${listed(areas)}.`,
      `Combined heatmap of the ${counted(evaluation.topFeatures, 'strongest feature')} of ${evaluation.selection.layers}, ${describeStrideCorrection(evaluation.strideCorrection)}; ${describeSelection(evaluation.selection)}, seed ${evaluation.seed}.`,
    ].join(' '),
    seeds: { evaluation: evaluation.seed },
  }
}

/** Curves `[kinds][thresholds]` of one class or one image, and whose masks they are about; null for all images. */
async function partOfIou(
  project: Project,
  evaluation: Spec<'iou'>['evaluation'],
  classIndex: number | null,
  image: number | null,
): Promise<{ readonly curves: readonly (readonly number[])[]; readonly masks: string } | null> {
  const { classes } = project.config
  if (image !== null) {
    const curves = await imageCurves(project, evaluation, image)
    const { name, label } = project.test.records[image]
    return { curves, masks: `the mask of ${name} (test image of class ${classes[label]})` }
  }
  if (classIndex === null) return null
  const { curves, images } = await classCurves(project, evaluation, classIndex)
  if (images === 0) throw new VebiError('bad-data', `Class ${classes[classIndex]} has no test image with a mask.`)
  return { curves, masks: `the masks of ${counted(images, 'test image')} of class ${classes[classIndex]}` }
}

/** `[rows, columns]` of columns of one length. */
function matrixOfColumns(columns: readonly (readonly number[])[]): { shape: number[]; data: Float64Array } {
  const rows = columns[0]?.length ?? 0
  const data = new Float64Array(rows * columns.length)
  columns.forEach((column, j) => column.forEach((value, i) => (data[i * columns.length + j] = value)))
  return { shape: [rows, columns.length], data }
}
