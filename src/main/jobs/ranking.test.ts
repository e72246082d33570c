import { expect, it } from 'vitest'
import type { Weight } from '../../shared/graph.ts'
import { graphOf } from '../model/testing/example.ts'
import { probabilitiesOf } from './ranking.ts'

const PROBABILITIES = Float32Array.of(0.7, 0.2, 0.1)

it('takes the scores behind a softmax as they are, also where they are reshaped or put in another order', () => {
  const kernel: Weight = { shape: [1, 1, 3, 3], data: Float32Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0) }
  const padding = { top: 0, bottom: 0, left: 0, right: 0 }
  const window = { strides: [1, 1], dilation: [1, 1], padding } as const
  const turned = { ...window, kernel, bias: null, groups: 1, picksChannels: true } as const
  const graph = graphOf(
    ['input', 'image', { shape: [1, 1, 3] }, []],
    ['softmax', 'softmax', {}, [0]],
    ['conv2d', 'turned', turned, [1]],
    ['flatten', 'flat', {}, [2]],
    ['dropout', 'drop', {}, [3]],
  )
  for (const output of [1, 2, 3, 4]) {
    expect([...probabilitiesOf({ ...graph, output }, PROBABILITIES)]).toEqual([...PROBABILITIES])
  }
})

it('takes those of a sigmoid as they are: one probability for each class by itself', () => {
  const graph = graphOf(['input', 'image', { shape: [2] }, []], ['sigmoid', 'each', {}, [0]])
  expect([...probabilitiesOf(graph, Float32Array.of(0.75, 0.5))]).toEqual([0.75, 0.5])
})

it('is the softmax of raw scores', () => {
  const graph = graphOf(['input', 'image', { shape: [2] }, []], ['flatten', 'flat', {}, [0]])
  const [first, second] = probabilitiesOf(graph, Float32Array.of(Math.log(3), 0))
  expect(first).toBeCloseTo(0.75, 6)
  expect(second).toBeCloseTo(0.25, 6)
})
