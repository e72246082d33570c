import { createRequire } from 'node:module'
import { ablationChartData, classwiseChartData } from '../../core/charts/ablation-data.ts'
import { ablationChart, ablationTable } from '../../core/charts/ablation.ts'
import { classwiseChart, classwiseTable } from '../../core/charts/classwise.ts'
import { iouChart, iouTable } from '../../core/charts/iou.ts'
import type { Table } from '../../core/charts/table.ts'
import { locate } from '../../core/features.ts'
import { throwIfCancelled } from '../../shared/errors.ts'
import { averageImageGrid, featurePage } from '../figures/averages.ts'
import { renderChart } from '../figures/chart.ts'
import { explanationFigure } from '../figures/explanation.ts'
import { writeFigure, writeTable } from '../figures/files.ts'
import { writeManifest, type Json } from '../figures/manifest.ts'
import { averageGridTable, explanationTable, featurePageTable } from '../figures/tables.ts'
import type { AnalysisOptions } from '../../shared/analysis.ts'
import type { AnalysisResult } from './analysis.ts'
import {
  averageGridData,
  explanationRows,
  featurePageData,
  iouData,
} from './figure-data.ts'
import { networkInputs, type Project } from './project.ts'
import { breathe, type JobContext } from './runner.ts'
import { selectionName, type Selection } from './selection.ts'

const require = createRequire(import.meta.url)

/** Columns of a journal page, in cm. */
const SINGLE_COLUMN = 8.5
const DOUBLE_COLUMN = 17.5

export interface ExportOptions {
  readonly out: string
  readonly dpi: number
}

/**
 * Writes every figure (SVG and PNG) and table (CSV) of an analysis, and `manifest.json` with hashes, versions, seeds
 * and settings. The same analysis gives the same bytes. Returns what each file shows, by name.
 */
export async function exportAnalysis(
  project: Project,
  options: AnalysisOptions,
  result: AnalysisResult,
  { out, dpi }: ExportOptions,
  context: JobContext,
): Promise<Record<string, string>> {
  const described: Record<string, string> = {}
  const { classes } = project.config
  const figure = async (name: string, shows: string, svg: string, table: Table): Promise<void> => {
    throwIfCancelled(context.signal)
    for (const file of await writeFigure(out, name, { svg, dpi })) described[file] = shows
    described[await writeTable(out, name, table.columns, table.rows)] = `${shows}, as numbers`
    context.report({
      phase: 'export',
      done: Object.keys(described).length,
      total: Object.keys(described).length + 1,
      unit: 'files',
    })
    await breathe()
  }

  const curves = ablationChartData(result.ablation, result.ablation.repeats)
  await figure(
    'ablation',
    `Mean class accuracy on ${result.ablation.images.reduce((sum, count) => sum + count, 0)} test images while relevant features are removed`,
    renderChart((style) => ablationChart(curves, style), { widthCm: SINGLE_COLUMN, heightCm: 7 }),
    ablationTable(curves),
  )
  for (const curve of result.ablation.curves) {
    const data = classwiseChartData(curve, classes)
    await figure(
      `classwise-${fileName(curve.name)}`,
      `Loss of accuracy when the features with positive weight for one class are removed (${curve.name})`,
      renderChart((style) => classwiseChart(data, style), { widthCm: DOUBLE_COLUMN, heightCm: 7 }),
      classwiseTable(data),
    )
  }
  for (const selection of result.selections) {
    const name = selectionName(selection.spec)
    const grid = averageGridData(selection, result.averages, classes, 6)
    await figure(
      `averages-${fileName(name)}`,
      `Average images of the features with the largest weights for each class (${name})`,
      await averageImageGrid(grid, { widthCm: DOUBLE_COLUMN }),
      averageGridTable(grid),
    )
    described[await selectionTable(out, project, selection)] = `Relevant features and their weights (${name})`
    described[await certificateTable(out, project, selection)] = `Optimality of the solution of each class (${name})`
  }
  const [first] = result.selections
  if (first) {
    for (const [j, className] of classes.entries()) {
      if (j >= MOST_FEATURE_PAGES) break
      const page = featurePageData(first, result.averages, classes, j)
      if (!page) continue
      await figure(
        `features/${fileName(className)}`,
        `The feature with the largest weight for class ${className}: average, spread, random control, patches`,
        await featurePage(page, { widthCm: DOUBLE_COLUMN }),
        featurePageTable(page),
      )
    }
    const rows = await explanationRows(project, first, result.explanations)
    if (rows.length > 0) {
      await figure(
        'explanations',
        `Heatmaps of the strongest relevant features (${options.rule}, stride correction ${options.strideCorrection})`,
        await explanationFigure({ rows }, { widthCm: DOUBLE_COLUMN }),
        explanationTable({ rows }),
      )
    }
  }
  if (result.masks) {
    const data = iouData(result.masks)
    await figure(
      'iou',
      `IoU of heatmaps with the masks of ${result.masks.images} test images`,
      renderChart((style) => iouChart(data, style), { widthCm: SINGLE_COLUMN, heightCm: 7 }),
      iouTable(data),
    )
  }
  await writeManifest(out, {
    files: described,
    settings: settingsOf(options),
    seeds: { analysis: options.seed },
    versions: versionsOf(project),
    inputs: { ...networkInputs(project), trainImages: project.keys.train, testImages: project.keys.test },
  })
  return described
}

/** Pages of single features: more than these are for the window, not for a folder. */
const MOST_FEATURE_PAGES = 20

function selectionTable(out: string, project: Project, selection: Selection): Promise<string> {
  const { layout, weights, spec } = selection
  const rows = project.config.classes.flatMap((name, j) => {
    const row = weights.subarray(j * layout.size, (j + 1) * layout.size)
    return [...row.keys()]
      .filter((feature) => row[feature] !== 0)
      .sort((a, b) => Math.abs(row[b]) - Math.abs(row[a]) || a - b)
      .map((feature) => {
        const { layer, channel } = locate(layout, feature)
        return [name, layer.number, layer.name, layer.kind, channel, row[feature]]
      })
  })
  return writeTable(
    out,
    `selection-${fileName(selectionName(spec))}`,
    ['class', 'layer_number', 'layer', 'layer_kind', 'channel', 'weight'],
    rows,
  )
}

function certificateTable(out: string, project: Project, selection: Selection): Promise<string> {
  return writeTable(
    out,
    `certificates-${fileName(selectionName(selection.spec))}`,
    ['class', 'objective', 'gap', 'relative_gap', 'accepted', 'l1_norm', 'lambda', 'non_zeros', 'method'],
    selection.certificates.map((each, j) => [
      project.config.classes[j],
      each.objective,
      each.gap,
      Number.isFinite(each.relativeGap) ? each.relativeGap : null,
      String(each.accepted),
      each.l1Norm,
      each.lambda,
      each.nonZeros,
      each.method,
    ]),
  )
}

function settingsOf(options: AnalysisOptions): Json {
  const { images, ...rest } = options
  return { ...rest, sets: [...options.sets], images: images ? [...images] : 'first test image of each class' }
}

function versionsOf(project: Project): Record<string, string> {
  const { version } = require('../../../package.json') as { version: string }
  return { vebi: version, node: process.version, engine: `${project.engine.name} ${project.engine.version}` }
}

function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '_').toLowerCase()
}
