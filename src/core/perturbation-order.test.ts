import { describe, expect, it } from 'vitest'
import { perturbationSteps } from './perturbation-order.ts'
import { shuffledIndexes } from './random.ts'

describe('perturbationSteps', () => {
  it('takes the highest values first, in groups of equal size', () => {
    const order = shuffledIndexes(8, 1)
    const heatmap = Float32Array.of(0.1, 0.9, 0.5, 0.3, 0.8, 0.2, 0.7, 0.6)
    expect([...perturbationSteps(heatmap, 4, order)]).toEqual([3, 0, 2, 2, 0, 3, 1, 1])
  })

  it('is a slow sort with ties in the given order', () => {
    const heatmap = Float32Array.from({ length: 90 }, (_, i) => (i * 37) % 11)
    const order = shuffledIndexes(90, 2)
    const placeInOrder = new Map(Array.from(order, (pixel, i) => [pixel, i]))
    const sorted = [...heatmap.keys()].sort(
      (a, b) => heatmap[b] - heatmap[a] || placeInOrder.get(b)! - placeInOrder.get(a)!,
    )
    const wanted = new Int32Array(90)
    sorted.forEach((pixel, rank) => (wanted[pixel] = Math.floor((rank * 7) / 90)))
    expect(perturbationSteps(heatmap, 7, order)).toEqual(wanted)
  })

  it('spreads a flat map over all steps', () => {
    const steps = perturbationSteps(new Float32Array(100), 10, shuffledIndexes(100, 3))
    for (let step = 0; step < 10; step++) expect(steps.filter((value) => value === step)).toHaveLength(10)
  })
})
