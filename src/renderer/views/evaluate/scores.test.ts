import { describe, expect, it } from 'vitest'
import type { EvaluationResult, HeatmapScore } from '../../../shared/results.ts'
import { areaSentence, bestOf, classRows, classSentence, formatDifference } from './scores.ts'

function score(kind: string, control: boolean, area: number, iou: number, perClass: (number | null)[]): HeatmapScore {
  return { kind, name: kind, control, curve: [], area, best: { iou, threshold: 0.25 }, perClass }
}
const result = (...scores: HeatmapScore[]): EvaluationResult => ({ images: 10, unreadable: 0, boxShare: 0.1, scores })
const BOX = score('box', true, 0.2, 0.3, [0.2, 0.3, null])
const NOISE = score('noise', true, 0.1, 0.2, [0.25, 0.1, null])

describe('areaSentence', () => {
  it('holds ours against the best control', () => {
    expect(areaSentence(result(score('ours', false, 0.23, 0.5, []), NOISE, BOX))).toBe(
      'ours reaches an area of 0.230 under the IoU curve; the best control, box, 0.200 (0.030 less). '
        + 'Its best IoU, 0.500 at threshold 0.25, is the highest of all.',
    )
  })

  it('says what is better than ours', () => {
    const sentence = areaSentence(
      result(score('ours', false, 0.15, 0.25, []), score('other', false, 0.4, 0.6, []), NOISE, BOX),
    )
    expect(sentence).toContain('the best control, box, 0.200 (0.050 more).')
    expect(sentence).toContain('Its best IoU is 0.250 at threshold 0.25; other reaches 0.600.')
    expect(sentence).toContain('other (0.400) reaches a larger area than ours.')
  })

  it('says nothing without ours or controls', () => {
    expect(areaSentence(result(BOX))).toBe('')
    expect(areaSentence(result(score('ours', false, 0.2, 0.3, [])))).toBe('')
  })
})

describe('classRows', () => {
  const ours = score('ours', false, 0.3, 0.5, [0.3, 0.25, null])
  const rows = classRows(result(score('other', false, 0.1, 0.2, [0.1, 0.4, null]), ours, NOISE, BOX), ['a', 'b', 'c'])

  it('takes the best control of each class', () => {
    expect(rows.map(({ control }) => control?.name ?? null)).toEqual(['noise', 'box', null])
    expect(rows.map(({ areas }) => areas)).toEqual([[0.1, 0.3], [0.4, 0.25], [null, null]])
    expect(rows[0]?.margin).toBeCloseTo(0.05, 12)
    expect(rows[1]?.margin).toBeCloseTo(-0.05, 12)
    expect(rows[2]?.margin).toBeNull()
  })

  it('are told in a sentence', () => {
    expect(classSentence(rows)).toBe(
      'Ours is ahead of the best control in 1 of 2 classes; its smallest margin is −0.050 in b. '
        + '1 class has no test image with a mask.',
    )
    expect(classSentence([])).toBe('No class has a test image with a mask.')
  })
})

it('writes differences with their sign, and none where they round to nothing', () => {
  expect([0.1234, -0.1236, 0.0004, -0.0004, null].map(formatDifference)).toEqual(['+0.123', '−0.124', '0.000', '0.000', '–'])
})

it('finds the first of the highest points of a curve', () => {
  const curve = Array.from({ length: 101 }, (_, i) => (i === 20 || i === 60 ? 0.9 : 0.1))
  expect(bestOf(curve)).toEqual({ iou: 0.9, threshold: 0.2 })
})
