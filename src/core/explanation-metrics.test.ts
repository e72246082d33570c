import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { gaussianFilter } from './gaussian-filter.ts'
import { areaUnder, iouCurve } from './iou.ts'
import { perturbationSteps } from './perturbation-order.ts'
import { massInside, pointing } from './pointing.ts'
import { ranks, spearman, structuralSimilarity } from './similarity.ts'
import { powerAt, powerSpectrum } from './spectrum.ts'

/** The metrics of heatmaps against NumPy, SciPy, scikit-image and scikit-learn, and on maps with known values. */

interface Golden {
  height: number
  width: number
  smooth: number[]
  rough: number[]
  mask: number[]
  iou: number[]
  areaUnderIou: number
  perturbation: {
    steps: number
    saliency: number[]
    image: number[]
    substrate: number[]
    pull: number[]
    deletion: number[]
    insertion: number[]
    deletionArea: number
    insertionArea: number
  }
  massInside: number
  maxima: number
  pointing: number
  spearman: number
  structuralSimilarity: number
  filtered: Record<string, number[]>
  grid: number[]
  powerAtHalf: number
  spectrum: number[]
}

const stored = new URL('../../scripts/golden/explanation-metrics.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as Golden
const { height, width, smooth, rough, mask } = golden

function expectClose(found: ArrayLike<number>, wanted: readonly number[], digits = 10): void {
  expect(found).toHaveLength(wanted.length)
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits))
}

describe('against published implementations', () => {
  it('IoU is scikit-learn.jaccard_score', () => expectClose(iouCurve(smooth, mask).slice(1), golden.iou))

  it('the area under the IoU curve is that of numpy.trapezoid', () => {
    expect(areaUnder(iouCurve(smooth, mask))).toBeCloseTo(golden.areaUnderIou, 12)
  })

  it('insertion and deletion are those of RISE, written out in NumPy', () => {
    const { steps, saliency, image, substrate, pull, ...expected } = golden.perturbation
    const groups = perturbationSteps(Float32Array.from(saliency), steps, [...saliency.keys()])
    const confidence = (pixels: number[]): number =>
      1 / (1 + Math.exp(1 - pixels.reduce((sum, value, i) => sum + value * pull[i], 0)))
    const curve = (start: number[], finish: number[]): number[] =>
      Array.from({ length: steps + 1 }, (_, step) =>
        confidence(start.map((value, i) => (groups[i] < step ? finish[i] : value))),
      )
    const [deletion, insertion] = [curve(image, substrate), curve(substrate, image)]
    expectClose(deletion, expected.deletion, 9)
    expectClose(insertion, expected.insertion, 9)
    expect(areaUnder(deletion)).toBeCloseTo(expected.deletionArea, 9)
    expect(areaUnder(insertion)).toBeCloseTo(expected.insertionArea, 9)
  })

  it('pointing and mass are those of NumPy', () => {
    expect(golden.maxima).toBeGreaterThan(0)
    expect(pointing(smooth, mask)).toBe(golden.pointing)
    expect(massInside(smooth, mask)).toBeCloseTo(golden.massInside, 12)
  })

  it('Spearman is scipy.stats.spearmanr, with many equal values', () => {
    expect(new Set(smooth).size).toBeLessThan(smooth.length / 3)
    expect(spearman(smooth, rough)).toBeCloseTo(golden.spearman, 11)
  })

  it('structural similarity is that of scikit-image', () => {
    expect(structuralSimilarity(smooth, rough, height, width)).toBeCloseTo(golden.structuralSimilarity, 11)
  })

  it('the Gaussian filter is that of SciPy, with a kernel wider than the plane too', () => {
    for (const [sigma, filtered] of Object.entries(golden.filtered)) {
      expectClose(gaussianFilter(rough, height, width, Number(sigma)), filtered)
    }
    expectClose(gaussianFilter([0, 1], 1, 2, 5), [0.5, 0.5], 1)
  })

  it('spectral power is that of numpy.fft', () => {
    expect(powerAt(golden.grid, height, width, 1 / 2)).toBeCloseTo(golden.powerAtHalf, 12)
    const square = golden.grid.filter((_, i) => i % width < 16)
    expectClose(powerSpectrum(square, 16, 16), golden.spectrum)
  })
})

describe('maps with known values', () => {
  const box = [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]
  const empty = new Float32Array(16)
  const constant = new Float32Array(16).fill(1)

  it('exact match', () => {
    expect([...iouCurve(box, box)]).toEqual(new Array(101).fill(1))
    expect(pointing(box, box)).toBe(1)
    expect(massInside(box, box)).toBe(1)
  })

  it('empty map: nothing is found, nothing is pointed at', () => {
    expect([...iouCurve(empty, box)]).toEqual(new Array(101).fill(0))
    expect(pointing(empty, box)).toBe(0)
    expect(massInside(empty, box)).toBe(0)
  })

  it('constant map: the share of the mask in the image', () => {
    expect([...iouCurve(constant, box)]).toEqual(new Array(101).fill(4 / 16))
    expect(pointing(constant, box)).toBe(4 / 16)
    expect(massInside(constant, box)).toBe(4 / 16)
  })

  it('empty mask: nothing can be found in it', () => {
    expect(pointing(box, empty)).toBe(0)
    expect(massInside(box, empty)).toBe(0)
  })

  it('the highest value alone decides where a map points', () => {
    const map = [...box]
    map[0] = 2
    expect(pointing(map, box)).toBe(0)
    expect(massInside(map, box)).toBe(4 / 6)
    map[5] = 2
    expect(pointing(map, box)).toBe(1 / 2)
  })

  it('alike, opposite and flat maps', () => {
    const rising = Float32Array.from({ length: 144 }, (_, i) => i / 143)
    const squared = rising.map((value) => value * value)
    expect(spearman(rising, squared)).toBe(1)
    expect(
      spearman(
        rising,
        rising.map((value) => 1 - value),
      ),
    ).toBe(-1)
    expect(spearman(rising, new Float32Array(144))).toBeNaN()
    expect(structuralSimilarity(rising, rising, 12, 12)).toBe(1)
    expect(structuralSimilarity(rising, squared, 12, 12)).toBeLessThan(0.999)
    expect(structuralSimilarity(rising.subarray(0, 100), rising.subarray(0, 100), 10, 10)).toBeNaN()
    expect([...ranks([3, 1, 3, 2])]).toEqual([2.5, 0, 2.5, 1])
  })

  it('a grid has its power at its own frequency, a flat map none', () => {
    const grid = Float32Array.from({ length: 64 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    // Along the rows a quarter at 0, 1/4, 1/2 and 3/4 each; along the columns all at 0.
    expectClose([...powerSpectrum(grid, 8, 8)], [(1 / 4 + 1) / 2, 0, 1 / 8, 0, 1 / 8])
    expect(powerAt(constant, 4, 4, 1 / 2)).toBeCloseTo(0, 15)
    expect(powerAt(empty, 4, 4, 1 / 2)).toBe(0)
  })

  it('shares of power sum to 1 over all frequencies', () => {
    const sum = Array.from({ length: 16 }, (_, k) => powerAt(golden.grid.slice(0, 256), 16, 16, k / 16))
    expect(sum.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
  })
})
