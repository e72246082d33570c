import type { AblationChartData, RandomCurve } from './ablation.ts'
import type { ClasswiseChartData, Loss } from './classwise.ts'
import type { IouChartData } from './iou.ts'
import type { LayerSpreadData } from './layer-statistics.ts'
import type { OverlapChartData } from './overlap.ts'
import type { ReceptiveFieldsChartData } from './receptive-fields.ts'
import type { ResponsesChartData } from './responses.ts'

/** Made-up but plausible data for the tests of the charts; formulas instead of random numbers. */

function steps(count: number, stride: number): number[] {
  return Array.from({ length: count }, (_, i) => i * stride)
}

function randomCurve(removed: number[], slope: number): RandomCurve {
  const mean = removed.map((n) => 0.99 - slope * n ** 1.4)
  return {
    removed,
    mean,
    low: mean.map((value, i) => value - 0.0025 * i),
    high: mean.map((value, i) => Math.min(0.995, value + 0.0018 * i)),
    repeats: 30,
  }
}

export function sampleAblation(): AblationChartData {
  const [all, conv] = [steps(30, 10), steps(12, 4)]
  return {
    curves: [{
      name: 'All',
      selected: { removed: all, accuracy: all.map((n) => 0.99 - 0.36 / (1 + Math.exp((150 - n) / 30))) },
      random: randomCurve(all, 4e-5),
    }, {
      name: 'OnlyConv',
      selected: { removed: conv, accuracy: conv.map((n) => 0.99 - 0.0002 * n * n) },
      random: randomCurve(conv, 5e-4),
    }],
    original: 0.99,
  }
}

export function sampleClasswise(names: readonly string[]): ClasswiseChartData {
  const loss = (value: number): Loss => ({ value, low: value - 0.02, high: value + 0.025 })
  return {
    classes: names.map((name, i) => ({
      name,
      onClass: loss(0.1 + 0.11 * Math.abs(Math.sin(i * 1.7))),
      onOthers: { value: 0.004 },
      onClassRandom: loss(0.01 * Math.cos(i * 2)),
    })),
  }
}

export function sampleIou(): IouChartData {
  const thresholds = steps(21, 0.05)
  const curve = (peak: number, where: number): number[] =>
    thresholds.map((t) => peak * Math.exp(-((t - where) ** 2) / 0.08))
  return {
    thresholds,
    curves: [
      {
        method: 'Visual explanation by interpretation',
        control: false,
        iou: curve(0.42, 0.3),
        low: curve(0.39, 0.3),
        high: curve(0.45, 0.3),
        area: 0.214,
      },
      { method: 'Deconv+GB', control: false, iou: curve(0.38, 0.25), area: 0.186 },
      { method: 'Upsampled activations', control: false, iou: curve(0.3, 0.4), area: 0.151 },
      { method: 'Random map', control: true, iou: curve(0.08, 0.1), area: 0.03 },
      { method: 'Centre box', control: true, iou: thresholds.map(() => 0.16), area: 0.16 },
      { method: 'Sobel', control: true, iou: curve(0.22, 0.12), area: 0.078 },
      { method: 'Randomised weights', control: true, iou: curve(0.2, 0.2), area: 0.083 },
    ],
  }
}

/** The feature is relevant to the first two classes. */
export function sampleResponses(names: readonly string[]): ResponsesChartData {
  return {
    classes: names.map((name, i) => ({
      name,
      weight: [0.1234, -0.00056][i] ?? 0,
      images: 50 + i,
      mean: 4 / (i + 2),
      quantiles: [0, 1 / (i + 2), 3 / (i + 2), 5 / (i + 2), 9 / (i + 2)],
    })),
  }
}

/** Convolutions of 3 x 5 taps, a stride of two at every third, and two layers that see everything. */
export function sampleReceptiveFields(convolutions: number): ReceptiveFieldsChartData {
  const input = [64, 96] as const
  const layers = Array.from({ length: convolutions + 2 }, (_, i): ReceptiveFieldsChartData['layers'][number] => {
    const [number, step] = [i + 1, 2 ** Math.min(3, Math.floor(i / 3))]
    if (i >= convolutions) {
      return { number, name: `fc${i}`, operator: 'dense', kind: 'fully-connected', receptiveField: input, stride: null }
    }
    return {
      number,
      name: `conv${i}`,
      operator: 'conv2d',
      kind: 'convolutional',
      receptiveField: [3 + 2 * i * step, 5 + 4 * i * step],
      stride: [step, step],
    }
  })
  return { input, layers }
}

/** The last class has no features; bars grow shorter from class to class. */
export function sampleOverlap(names: readonly string[]): OverlapChartData {
  return {
    sets: ['All', 'OnlyConv'],
    any: { onlyFirst: 40, both: 31, onlySecond: 12 },
    classes: names.map((name, i) => {
      const rest = names.length - 1 - i
      return { name, onlyFirst: 2 * rest, both: 3 * rest, onlySecond: rest }
    }),
  }
}

/** Responses rise from layer to layer by `factor`; the third has silent channels, the last is fully connected. */
export function sampleLayerStatistics(count: number, factor = 1.1): LayerSpreadData[] {
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    name: `conv2d_${i}`,
    kind: i === count - 1 ? 'fully-connected' : 'convolutional',
    features: 20 + i,
    mean: 2 * factor ** i,
    standardDeviation: factor ** i,
    largest: 9 * factor ** i,
    silent: i === 2 ? 3 : 0,
  }))
}
