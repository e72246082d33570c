import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { randomIndex, randomStream } from './random.ts'
import { LabelSums, StatisticsSum, type GramPanel } from './statistics.ts'

/** D' D of rows `[count, size]`, sum by sum, in panels of three rows; what must not count is not a number. */
function* productOf(rows: Float32Array, size: number): Generator<GramPanel> {
  for (let begin = 0; begin < size; begin += 3) {
    const height = Math.min(3, size - begin)
    const width = size - begin
    const values = new Float32Array(height * width)
    for (let i = 0; i < height; i++) {
      for (let k = 0; k < width; k++) {
        for (let row = begin; row < rows.length; row += size) values[i * width + k] += rows[row + i] * rows[row + k]
        if (k < i) values[i * width + k] = NaN
      }
    }
    yield { begin, height, values }
  }
}

describe('StatisticsSum', () => {
  // Eighths up to 5: every sum is exact, so that results are equal and not merely close.
  const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
  const { statistics: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
    statistics: { descriptors: number[]; labels: number[]; gram: number[]; sums: number[]; norms: number[] }
  }

  it.each([[[7]], [[1, 6]], [[3, 3, 1]]])('adds up to what NumPy computes, in blocks of %j', (blocks) => {
    const rows = Float32Array.from(golden.descriptors)
    const sum = new StatisticsSum(4, 3)
    let begin = 0
    for (const count of blocks) {
      const block = rows.slice(begin * 4, (begin + count) * 4)
      const labels = golden.labels.slice(begin, begin + count)
      sum.add(block, labels, labels.map((label) => (label + 1) % 3), productOf(block, 4))
      begin += count
    }
    const statistics = sum.finish()
    expect(statistics.images).toBe(7)
    expect([...statistics.gram]).toEqual(golden.gram)
    expect([...statistics.trueLabels.sums]).toEqual(golden.sums)
    expect([...statistics.trueLabels.norms]).toEqual(golden.norms)
    // Predicted labels here are the true ones moved on by one class.
    expect([...statistics.predictedLabels.norms]).toEqual([golden.norms[2], golden.norms[0], golden.norms[1]])
    expect([...statistics.predictedLabels.sums.slice(4, 8)]).toEqual(golden.sums.slice(0, 4))
  })

  it('sums both kinds of labels, whether the prediction is right or not', () => {
    const sum = new StatisticsSum(1, 2)
    sum.add(Float32Array.of(1, 2, 4, 8), [0, 0, 1, 1], [0, 1, 1, 0], [])
    const { trueLabels, predictedLabels } = sum.finish()
    expect([...trueLabels.sums, ...trueLabels.norms]).toEqual([3, 12, 2, 2])
    expect([...predictedLabels.sums, ...predictedLabels.norms]).toEqual([9, 6, 2, 2])
  })
})

describe('LabelSums', () => {
  it('is q_j = X l_j and b_j = l_j. l_j', () => {
    const random = randomStream(9)
    const [size, classes, images] = [5, 4, 30]
    const rows = Float32Array.from({ length: images * size }, () => randomIndex(random, 64) / 8)
    // Class 3 has no image.
    const labels = Array.from({ length: images }, () => randomIndex(random, 3))
    const sums = new LabelSums(size, classes)
    sums.add(rows, labels)
    for (let j = 0; j < classes; j++) {
      const indicator: number[] = labels.map((label) => (label === j ? 1 : 0))
      expect(sums.norms[j]).toBe(indicator.reduce((sum, l) => sum + l * l, 0))
      for (let k = 0; k < size; k++) {
        const expected = indicator.reduce((sum, l, i) => sum + l * rows[i * size + k], 0)
        expect(sums.sums[j * size + k]).toBe(expected)
      }
    }
  })

  it('goes on from stored sums', () => {
    const sums = new LabelSums(1, 2, Float64Array.of(5, 7), Float64Array.of(1, 2))
    sums.add(Float32Array.of(2), [1])
    expect([...sums.sums, ...sums.norms]).toEqual([5, 9, 1, 3])
  })

  it('keeps small terms beside large sums, as float64 does', () => {
    const sums = new LabelSums(1, 1, Float64Array.of(2 ** 30))
    sums.add(Float32Array.of(0.125), [0])
    expect(sums.sums[0] - 2 ** 30).toBe(0.125)
  })
})
