import type { CheckResult, IntervalsChart, LinesChart } from '../../shared/checks.ts'

/** Made-up but plausible results of checks for tests; formulas instead of random numbers. */

const LEVELS = Array.from({ length: 21 }, (_, i) => i / 20)

export function sampleLines(): LinesChart {
  const curve = (peak: number, where: number): number[] =>
    LEVELS.map((level) => peak * Math.exp(-((level - where) ** 2) / 0.08))
  const ours = curve(0.51, 0.3)
  return {
    kind: 'lines',
    id: 'curves',
    title: 'Intersection over union of the heatmaps with the masks at each threshold',
    xTitle: 'Threshold on the heatmap (0 to 1)',
    yTitle: 'Intersection over union',
    series: [
      {
        name: 'Ours (stride corrected: conv+pool), combined',
        control: false,
        x: LEVELS,
        y: ours,
        low: ours.map((value) => value - 0.02),
        high: ours.map((value) => value + 0.03),
      },
      { name: 'Deconv+GB', control: false, x: LEVELS, y: curve(0.42, 0.15) },
      { name: 'Upsampled activations', control: false, x: LEVELS, y: curve(0.35, 0.5) },
      { name: 'Random map', control: true, x: LEVELS, y: curve(0.07, 0.1) },
      { name: 'Centre box of the mean mask area', control: true, x: LEVELS, y: LEVELS.map(() => 0.092) },
      { name: 'Sobel of the image', control: true, x: LEVELS, y: curve(0.15, 0.2) },
      { name: 'Constant map', control: true, x: LEVELS, y: LEVELS.map(() => 0.08) },
    ],
  }
}

export function sampleIntervals(): IntervalsChart {
  return {
    kind: 'intervals',
    id: 'areas',
    title: 'Area under the curve of each kind of heatmap',
    xTitle: 'Area under the IoU curve, ours less the other (0 to 1)',
    rows: [
      { name: 'Upsampled activations', control: false, value: -0.012, low: -0.021, high: -0.003 },
      { name: 'Deconv+GB', control: false, value: 0.061, low: 0.05, high: 0.072 },
      { name: 'Random map', control: true, value: 0.163, low: 0.15, high: 0.176 },
      { name: 'A name that is far too long to stand beside the plot of one column', control: true, value: 0.1, low: null, high: null },
    ],
    reference: 0,
  }
}

export function sampleCheck(): CheckResult {
  return {
    check: 'iou',
    title: 'Overlap with the masks',
    sentence:
      'The combined heatmap overlaps the masks more than every control: area 0.225, 95 % interval 0.217 to 0.233; '
      + 'the best control, the centre box, reaches 0.092.',
    verdict: 'for',
    limits: ['A mask shows what tells the classes apart for people; the network may look elsewhere and be right.'],
    warnings: ['No mask lies outside the test images: no threshold is quoted.'],
    images: 240,
    tables: [
      {
        id: 'kinds',
        title: 'Kinds of heatmaps',
        columns: [
          { id: 'heatmap', title: 'Heatmap', decimals: null },
          { id: 'area', title: 'Area', decimals: 3 },
          { id: 'low', title: 'Low', decimals: 3 },
          { id: 'high', title: 'High', decimals: 3 },
          { id: 'images', title: 'Images', decimals: 0 },
        ],
        rows: [
          ['Ours <combined> & "all"', 0.22512345, 0.21701, 0.2331, 240],
          ['Random map', 0.0621, 0.0611, 0.0632, 240],
          ['Not measured', null, null, null, 0],
        ],
      },
    ],
    charts: [sampleLines(), sampleIntervals()],
  }
}
