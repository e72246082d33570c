import { intervalsChart, intervalsHeight, intervalsTable, leftOutIntervals } from '../../core/charts/check-intervals.ts'
import { drawsControlBands, linesChart, linesLegendHeight, linesTable } from '../../core/charts/check-lines.ts'
import type { CheckChart, CheckResult, CheckSpec, IntervalsChart, LinesChart } from '../../shared/checks.ts'
import { LISTED_CHECKS } from '../../shared/check-list.ts'
import { VebiError } from '../../shared/errors.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import { renderChart } from '../figures/chart.ts'
import { FONT_FAMILIES, textWidth } from '../figures/font.ts'
import { shortNumber } from '../figures/parts.ts'
import { stackPanels } from '../figures/stack.ts'
import { POINTS_PER_CM } from '../figures/svg.ts'
import { runCheck } from './checks/index.ts'
import { counted, describeSelection, describeStrideCorrection } from './figure-captions.ts'
import { chartSize } from './figure-charts.ts'
import { fileNamePart, optionsOf, type DrawnFigure } from './figure-drawn.ts'
import type { Project } from './project.ts'
import { stored } from './stored.ts'

/** Throws VebiError('not-ready') where the check is not computed, 'bad-argument' where it has no such chart. */
export async function drawCheck(
  project: Project,
  { check, chart: id }: Extract<FigureSpec, { kind: 'check' }>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const result = await stored(project, 'check', check, runCheck)
  const chart = result.charts.find((each) => each.id === id)
  if (!chart) {
    throw new VebiError('bad-argument', `The check "${check.check}" has no chart "${id}": choose one of its own.`)
  }
  return drawnCheck(check, result, chart, style)
}

export function drawnCheck(spec: CheckSpec, result: CheckResult, chart: CheckChart, style: FigureStyle): DrawnFigure {
  return {
    svg: svgOf(chart, style),
    table: chart.kind === 'lines' ? linesTable(chart) : intervalsTable(chart),
    arrays: chart.kind === 'lines' ? arraysOfLines(chart) : arraysOfIntervals(chart),
    caption: captionOf(spec, result, chart),
    seeds: { check: spec.seed },
  }
}

function svgOf(chart: CheckChart, style: FigureStyle): string {
  const { widthCm, font, fontSizePt } = style
  const lengths = {
    width: widthCm * POINTS_PER_CM,
    fontFamily: FONT_FAMILIES[font],
    fontSize: fontSizePt,
    measureText: (text: string, size: number) => textWidth(text, size, 'regular', font),
  }
  if (chart.kind === 'lines') {
    const legend = linesLegendHeight(chart, lengths)
    const plot = chartSize(style)
    // Every chart leaves room for a legend of one line.
    const heightCm = Number((plot.heightCm + legend / POINTS_PER_CM - 0.5).toFixed(2))
    return renderChart((drawn) => linesChart(chart, drawn), { ...plot, heightCm })
  }
  const heightCm = Number((intervalsHeight(chart, lengths) / POINTS_PER_CM).toFixed(2))
  const size = { widthCm, heightCm: Math.max(3, heightCm), font, fontSizePt }
  const svg = renderChart((drawn) => intervalsChart(chart, drawn), size)
  const left = leftOutIntervals(chart)
  if (left === 0) return svg
  const note = `${chart.rows.length - left} of ${chart.rows.length} rows; the table has all`
  return stackPanels([{ title: '', note, svg }], optionsOf(style))
}

function captionOf(spec: CheckSpec, result: CheckResult, chart: CheckChart): string {
  const intervals = { lines: 'Bands are 95 % intervals.', intervals: 'Whiskers are 95 % intervals.' }[chart.kind]
  return [
    sentence(chart.title),
    ...(hasIntervals(chart) && !(chart.kind === 'lines' && chart.bandsInTitle) ? [intervals] : []),
    ...(chart.kind === 'lines' && !drawsControlBands(chart) ? ['Bands of controls are not drawn.'] : []),
    ...(chart.kind === 'intervals' && chart.reference !== null
      ? [`The dashed line stands at ${shortNumber(chart.reference)}, the value that means nothing.`]
      : []),
    ...(hasControls(chart) ? ['Gray: controls.'] : []),
    sentence(result.sentence),
    describeCheck(spec, result),
  ].join(' ')
}

/** Settings and size of a check, one sentence. */
export function describeCheck(spec: CheckSpec, { images }: Pick<CheckResult, 'images'>): string {
  const { draws, usesImages } = LISTED_CHECKS[spec.check]
  const { topFeatures, strideCorrection } = spec.explanation
  return [
    counted(images, 'image'),
    ...(draws === null ? [] : [`${spec.repeats} ${draws}`]),
    ...(usesImages && spec.check !== 'baselines'
      ? [`${counted(topFeatures, 'strongest feature')} of ${spec.selection.layers}, ${describeStrideCorrection(strideCorrection)}`]
      : [`features of ${spec.selection.layers}`]),
    `${describeSelection(spec.selection)}, seed ${spec.seed}.`,
  ].join('; ')
}

function hasIntervals(chart: CheckChart): boolean {
  return chart.kind === 'lines'
    ? chart.series.some(({ low, high }) => low !== undefined && high !== undefined)
    : chart.rows.some(({ low, high }) => low !== null && high !== null)
}

function hasControls(chart: CheckChart): boolean {
  return (chart.kind === 'lines' ? chart.series : chart.rows).some(({ control }) => control)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** x, y and, where known, the ends of the interval of each series, `[points, 2 or 4]`. */
function arraysOfLines({ series }: LinesChart): { name: string; matrix: Matrix }[] {
  const used = new Set<string>()
  return series.map(({ name, x, y, low, high }, i) => {
    const columns = [x, y, ...(low && high ? [low, high] : [])]
    const data = new Float64Array(x.length * columns.length)
    columns.forEach((column, j) => column.forEach((value, row) => (data[row * columns.length + j] = value)))
    const part = fileNamePart(name)
    const free = used.has(part) ? `${part}-${i + 1}` : part
    used.add(free)
    return { name: free, matrix: { shape: [x.length, columns.length], data } }
  })
}

/** Value and ends of the interval of each row, NaN where there is none, `[rows, 3]`. */
function arraysOfIntervals({ rows }: IntervalsChart): { name: string; matrix: Matrix }[] {
  const data = Float64Array.from(rows.flatMap(({ value, low, high }) => [value, low ?? NaN, high ?? NaN]))
  return [{ name: 'intervals', matrix: { shape: [rows.length, 3], data } }]
}
