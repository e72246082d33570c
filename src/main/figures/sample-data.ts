import type { RawImage } from '../data/types.ts'
import type {
  AverageGridData,
  ComparisonFigureData,
  ExplanationFigureData,
  FeatureLabel,
  FeaturePageData,
  Heatmap,
  IouExample,
  Mask,
} from './types.ts'

/** Made-up images and maps for the tests of the figures; formulas instead of random numbers. */

/** A smooth coloured pattern with a bright disc at the middle of the mask below. */
export function sampleImage(size: number, seed: number, channels: 1 | 3 = 3): RawImage {
  const data = new Uint8Array(size * size * channels)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        const wave = Math.sin((x * (seed + 2 + c)) / size + y / (3 + c)) * 60 + 120
        data[(y * size + x) * channels + c] = inDisc(x, y, size) ? 255 - c * 60 : wave
      }
    }
  }
  return { height: size, width: size, channels, data }
}

function inDisc(x: number, y: number, size: number): boolean {
  return Math.hypot(x - size * 0.6, y - size * 0.45) < size * 0.22
}

export function sampleMask(size: number): Mask {
  const data = Uint8Array.from({ length: size * size }, (_, i) => Number(inDisc(i % size, Math.floor(i / size), size)))
  return { height: size, width: size, data }
}

/** A bump that runs from 0 to `max`. */
export function sampleHeatmap(size: number, centre: number, max: number): Heatmap {
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [(i % size) / size, Math.floor(i / size) / size]
    return max * Math.exp(-((x - centre) ** 2 + (y - 0.45) ** 2) / 0.05)
  })
  return { height: size, width: size, data, min: 0, max }
}

export function sampleFeature(index: number): FeatureLabel {
  const kinds = ['convolutional', 'convolutional', 'fully-connected'] as const
  const names = ['conv2d_1/Relu', 'block5_conv3_with_a_long_name', 'fc6']
  return {
    layerNumber: index * 3 + 2,
    layerName: names[index % 3],
    layerKind: kinds[index % 3],
    channel: index * 113,
  }
}

export function sampleAverages(names: readonly string[], features: number, size = 28): AverageGridData {
  return {
    classes: names.map((name, row) => ({
      name,
      order: 'largest weight first',
      total: features,
      cells: Array.from({ length: features }, (_, i) => ({
        feature: sampleFeature(i),
        weight: 0.123 / (i + 1) + row,
        average: sampleImage(size, i + row, row % 2 === 0 ? 3 : 1),
        distinctImages: i === 0 ? 1 : 83,
        patches: 100,
      })),
    })),
  }
}

export function sampleFeaturePage(patches: number): FeaturePageData {
  return {
    feature: sampleFeature(1),
    relevantTo: [
      { className: 'tabby', weight: 0.0371 },
      { className: 'lynx', weight: -0.02 },
    ],
    note: 'Looks for ears.\nAlso fires on fences.',
    pinned: true,
    average: sampleImage(24, 1),
    spread: sampleHeatmap(24, 0.4, 58.2),
    randomAverage: sampleImage(24, 5),
    randomPatches: 100,
    patches: Array.from({ length: patches }, (_, i) => sampleImage(24, i)),
    distinctImages: 83,
    clipped: [3, 12],
    receptiveField: { height: 24, width: 24 },
  }
}

export function sampleExplanation(predictedClass: string): ExplanationFigureData {
  return {
    rows: [0, 1].map((row) => ({
      name: `tabby/n02123045_${row}.jpg`,
      image: sampleImage(64, row),
      trueClass: row === 0 ? 'lynx' : null,
      predictedClass,
      confidence: 0.9731,
      combined: sampleHeatmap(64, 0.5, 1),
      features: [0, 1, 2].map((i) => ({
        feature: sampleFeature(i),
        contribution: 0.0123 / (i + 1),
        heatmap: i === 2 ? sampleHeatmap(64, 0.5, 0) : sampleHeatmap(64, 0.3 + 0.2 * i, 3.4e-4 * 10 ** i),
      })),
      ...(row === 0 ? { mask: sampleMask(64) } : {}),
    })),
  }
}

export function sampleComparison(): ComparisonFigureData {
  return {
    methods: ['Visual explanation by interpretation', 'Deconv+GB', 'Upsampled activations'],
    rows: [0, 1].map((row) => ({
      name: `class${row}_img30_p1_r2.jpg`,
      image: sampleImage(112, row),
      maps: [
        sampleHeatmap(112, 0.6, 1.2e-5),
        sampleHeatmap(112, 0.5, 0.034),
        row === 0 ? sampleHeatmap(14, 0.4, 17.2) : 'not defined for fully connected layers',
      ],
      mask: sampleMask(112),
    })),
  }
}

export function sampleIouExamples(count: number): IouExample[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `class${i}_img30_p1_r2.jpg`,
    image: sampleImage(112, i),
    heatmap: sampleHeatmap(112, 0.4 + 0.03 * i, 1),
    mask: sampleMask(112),
    threshold: 0.5,
    iou: 0.61 - 0.04 * i,
  }))
}
