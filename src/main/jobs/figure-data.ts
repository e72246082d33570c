import type { IouChartData } from '../../core/charts/iou.ts'
import { scaleHeatmap } from '../../core/explanation.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { IOU_THRESHOLDS } from '../../core/iou.ts'
import type { EvaluationResult } from '../../shared/results.ts'
import { displayImage, preprocessMask } from '../data/preprocess.ts'
import type { RawImage } from '../data/types.ts'
import type { AverageGridData, ExplanationRow, FeatureLabel, FeaturePageData } from '../figures/types.ts'
import type { FeatureAverage } from './averages.ts'
import type { Explanation } from './explanation.ts'
import type { Project } from './project.ts'
import type { Selection } from './selection.ts'

/** Results as the figures want them. */

export function featureLabel(layout: FeatureLayout, feature: number): FeatureLabel {
  const { layer, channel } = locate(layout, feature)
  return { layerNumber: layer.number, layerName: layer.name, layerKind: layer.kind, channel }
}

export function iouData(evaluation: EvaluationResult): IouChartData {
  return {
    thresholds: IOU_THRESHOLDS,
    curves: evaluation.scores.map(({ name, control, curve, area }) => ({ method: name, control, iou: curve, area })),
  }
}

export function averageGridData(
  selection: Selection,
  averages: ReadonlyMap<number, FeatureAverage>,
  classes: readonly string[],
  featuresPerClass: number,
): AverageGridData {
  const { layout, weights } = selection
  return {
    classes: classes.map((name, j) => {
      const own = strongest(weights.subarray(j * layout.size, (j + 1) * layout.size), Infinity)
      return {
        name,
        total: own.length,
        order: 'largest weight first',
        cells: own.slice(0, featuresPerClass).flatMap(({ feature, weight }) => {
          const average = averages.get(feature)
          return average
            ? [
                {
                  feature: featureLabel(layout, feature),
                  weight,
                  average: imageOf(average, average.mean),
                  distinctImages: average.distinctImages,
                  patches: average.entries.length,
                },
              ]
            : []
        }),
      }
    }),
  }
}

/** The heaviest feature of a class with all that interprets it; undefined for a class without features. */
export function featurePageData(
  selection: Selection,
  averages: ReadonlyMap<number, FeatureAverage>,
  classes: readonly string[],
  classIndex: number,
): FeaturePageData | undefined {
  const { layout, weights } = selection
  const [heaviest] = strongest(weights.subarray(classIndex * layout.size, (classIndex + 1) * layout.size), 1)
  const average = heaviest && averages.get(heaviest.feature)
  if (!average) return undefined
  const { height, width } = average
  return {
    feature: featureLabel(layout, heaviest.feature),
    relevantTo: [{ className: classes[classIndex], weight: heaviest.weight }],
    note: '',
    pinned: false,
    average: imageOf(average, average.mean),
    spread: {
      height,
      width,
      data: average.spread.map((value) => (Number.isNaN(value) ? 0 : value)),
      min: 0,
      max: 127.5,
    },
    randomAverage: imageOf(average, average.randomMean),
    randomPatches: average.randomPatches,
    patches: average.patches,
    distinctImages: average.distinctImages,
    clipped: average.clipped,
    receptiveField: { height, width },
  }
}

export async function explanationRows(
  project: Project,
  selection: Selection,
  explanations: readonly Explanation[],
): Promise<ExplanationRow[]> {
  const rows: ExplanationRow[] = []
  for (const explanation of explanations) {
    const { height, width, image } = explanation
    const record = project.test.records[image]
    const { preprocessing, classes } = project.config
    const mask = record.hasMask ? preprocessMask(await project.test.readMask(image), preprocessing) : undefined
    rows.push({
      name: record.name,
      image: displayImage(await project.test.read(image), preprocessing),
      trueClass: classes[record.label],
      predictedClass: classes[explanation.predicted],
      confidence: explanation.confidence,
      combined: { height, width, data: explanation.combined, min: 0, max: 1 },
      features: explanation.features.map(({ feature, contribution, raw }) => {
        const { min, max } = scaleHeatmap(raw)
        return {
          feature: featureLabel(selection.layout, feature),
          contribution,
          heatmap: { height, width, data: raw.map(Math.abs), min, max },
        }
      }),
      ...(mask ? { mask } : {}),
    })
  }
  return rows
}

function strongest(weights: Float64Array, most: number): { feature: number; weight: number }[] {
  return Array.from(weights, (weight, feature) => ({ feature, weight }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.feature - b.feature)
    .slice(0, most)
}

/** Rounded to 8 bits; pixels that no patch reaches are mid-grey, as in the montage. */
function imageOf({ height, width, channels }: FeatureAverage, values: Float32Array): RawImage {
  return {
    height,
    width,
    channels,
    data: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 128 : Math.round(value))),
  }
}
