import { describe, expect, it } from 'vitest'
import type { AblationResult } from '../../../shared/results.ts'
import { ablationChartData, classwiseChartData } from '../../../core/charts/ablation-data.ts'
import { nearestNumber, removedNumbers, valueAt } from './curve-data.ts'
import { sampleResult } from '../../testing/ablation-result.ts'

const RESULT: AblationResult = sampleResult()
const CLASSES = ['red', 'blue']

describe('the curves of all classes', () => {
  const data = ablationChartData(RESULT, 30)

  it('are the mean class accuracy with the band of the random sets', () => {
    expect(data.original).toBe(0.9)
    expect(data.curves[0]).toEqual({
      name: 'All',
      selected: { removed: [0, 4, 10], accuracy: [0.9, 0.5, 0.2] },
      random: { removed: [0, 4, 10], mean: [0.9, 0.8, 0.7], low: [0.9, 0.7, 0.6], high: [0.9, 0.85, 0.8], repeats: 30 },
    })
  })

  it('are read at a measured number, between two and beyond the end', () => {
    const [all, onlyConv] = data.curves
    expect(valueAt(all, 4)).toEqual({ accuracy: 0.5, random: { mean: 0.8, low: 0.7, high: 0.85 }, measured: true })
    const between = valueAt(all, 7)!
    expect(between.measured).toBe(false)
    expect(between.accuracy).toBeCloseTo(0.35, 12)
    expect(between.random!.low).toBeCloseTo(0.65, 12)
    expect(valueAt(onlyConv, 4)).toBeNull()
    expect(valueAt(onlyConv, 3)!.accuracy).toBe(0.6)
  })

  it('have numbers of removed features in common', () => {
    expect(removedNumbers(data)).toEqual([0, 3, 4, 10])
    expect([-5, 3.4, 3.6, 99].map((place) => nearestNumber([0, 3, 4, 10], place))).toEqual([0, 3, 4, 10])
    expect(nearestNumber([], 3)).toBeNull()
  })
})

describe('the curves of one class', () => {
  it('have its name, and no points without images', () => {
    const data = ablationChartData({ original: 0, curves: [] }, 30, 'blue')
    expect(data.className).toBe('blue')
    expect(removedNumbers(data)).toEqual([])
  })
})

describe('the effects on classes', () => {
  it('keep every loss at its class', () => {
    expect(classwiseChartData(RESULT.curves[0], CLASSES).classes[1]).toEqual({
      name: 'blue',
      onClass: { value: 0.4 },
      onOthers: { value: 0.02 },
      onClassRandom: { value: 0.1, low: 0, high: 0.2 },
    })
  })
})
