import type { Cell, Table } from '../../core/charts/table.ts'
import type {
  AverageGridData,
  ComparisonFigureData,
  ExplanationFigureData,
  FeatureLabel,
  FeaturePageData,
  IouExample,
} from './types.ts'

/** The numbers and names that a figure of images shows, for the CSV file beside it. */

const FEATURE_COLUMNS = ['layer_number', 'layer_name', 'layer_kind', 'channel']

function featureCells({ layerNumber, layerName, layerKind, channel }: FeatureLabel): Cell[] {
  return [layerNumber, layerName, layerKind, channel]
}

export function averageGridTable(data: AverageGridData): Table {
  return {
    columns: ['class', 'rank', ...FEATURE_COLUMNS, 'weight', 'patches', 'distinct_images'],
    rows: data.classes.flatMap(({ name, cells }) =>
      cells.map((cell, index): Cell[] => [
        name,
        index + 1,
        ...featureCells(cell.feature),
        cell.weight,
        cell.patches,
        cell.distinctImages,
      ]),
    ),
  }
}

export function featurePageTable(data: FeaturePageData): Table {
  const { spread, receptiveField } = data
  return {
    columns: [
      'class',
      ...FEATURE_COLUMNS,
      'weight',
      'patches',
      'distinct_images',
      'clipped_patches',
      'random_patches',
      'receptive_field_height',
      'receptive_field_width',
      'spread_min',
      'spread_max',
    ],
    rows: (data.relevantTo.length > 0 ? data.relevantTo : [{ className: null, weight: null }]).map(
      ({ className, weight }): Cell[] => [
        className,
        ...featureCells(data.feature),
        weight,
        data.averagedPatches ?? data.patches.length,
        data.distinctImages,
        data.clipped.length,
        data.randomPatches,
        receptiveField.height,
        receptiveField.width,
        spread.min,
        spread.max,
      ],
    ),
  }
}

/** One row per heatmap; the combined map is rank 0 and has no feature. */
export function explanationTable(data: ExplanationFigureData): Table {
  return {
    columns: [
      'image',
      'true_class',
      'predicted_class',
      'confidence',
      'rank',
      ...FEATURE_COLUMNS,
      'contribution',
      'min',
      'max',
    ],
    rows: data.rows.flatMap((row) => {
      const image: Cell[] = [row.name, row.trueClass, row.predictedClass, row.confidence]
      return [
        [...image, 0, null, null, null, null, null, row.combined.min, row.combined.max],
        ...row.features.map(({ feature, contribution, heatmap }, index): Cell[] => [
          ...image,
          index + 1,
          ...featureCells(feature),
          contribution,
          heatmap.min,
          heatmap.max,
        ]),
      ]
    }),
  }
}

export function comparisonTable(data: ComparisonFigureData): Table {
  return {
    columns: ['image', 'method', 'min', 'max', 'note'],
    rows: data.rows.flatMap((row) =>
      row.maps.map((map, index): Cell[] => {
        const method = data.methods[index] ?? null
        if (typeof map === 'string') return [row.name, method, null, null, map]
        return [row.name, method, map.min, map.max, null]
      }),
    ),
  }
}

export function iouMontageTable(examples: readonly IouExample[]): Table {
  return {
    columns: ['image', 'threshold', 'iou'],
    rows: examples.map(({ name, threshold, iou }): Cell[] => [name, threshold, iou]),
  }
}
