import { expect, test } from 'vitest'
import type { Weight } from '../../shared/graph.ts'
import { GraphBuilder } from './graph-builder.ts'
import { ownScaling } from './own-scaling.ts'

type Step = 'dropout' | 'relu' | { readonly factor: readonly number[]; readonly shift?: readonly number[] }

const weight = (values: readonly number[]): Weight => ({ shape: [values.length], data: Float32Array.from(values) })

/** A network of these operators behind an image, and the mean of each channel. */
function network(channels: number, ...steps: readonly Step[]): ReturnType<GraphBuilder['finish']> {
  const builder = new GraphBuilder('net')
  let last = builder.add('input', 'image', { shape: [4, 5, channels] }, [])
  steps.forEach((step, number) => {
    if (step === 'dropout') last = builder.add('dropout', `drop ${number}`, {}, [last])
    else if (step === 'relu') {
      last = builder.add('relu', `relu ${number}`, { maxValue: null, negativeSlope: 0, threshold: 0 }, [last])
    } else {
      const { factor, shift = factor.map(() => 0) } = step
      // The same in the form of a batch normalisation: scale * (x - mean) / sqrt(variance + epsilon) + offset.
      const spec = {
        scale: weight(factor.map((value) => value * 2)),
        offset: weight(shift.map((value, channel) => value + (factor[channel] ?? 0) * 3)),
        mean: weight(factor.map(() => 3)),
        variance: weight(factor.map(() => 3.75)),
        epsilon: 0.25,
      }
      last = builder.add('batchNorm', `scale ${number}`, spec, [last])
    }
  })
  return builder.finish(builder.add('globalAveragePool', 'means', { keepAxes: false }, [last]), 'test')
}

const grey = (factor: number, shift = 0): Step => ({ factor: [factor], shift: [shift] })
const colour = (factor: number, shift = 0): Step => ({
  factor: [factor, factor, factor], shift: [shift, shift, shift],
})
const IMAGENET: Step = { factor: [4.37, 4.46, 4.44], shift: [-2.12, -2.04, -1.8] }

test.each([
  ['Rescaling to 0 to 1', network(3, colour(1 / 255)), '"scale 0" makes 0 … 1 of samples of 0 … 255.'],
  ['Rescaling to -1 to 1, grey', network(1, grey(1 / 127.5, -1)), '"scale 0" makes -1 … 1 of samples of 0 … 255.'],
  ['in two steps', network(3, colour(1 / 255), colour(2, -1)), '"scale 0" makes 0 … 1 of samples of 0 … 255.'],
  ['a shift before the factor', network(1, grey(1, -127.5), grey(1 / 127.5)), '"scale 1" makes -1 … 1 of samples of 0 … 255.'],
  ['with a normalisation behind it', network(3, 'dropout', colour(1 / 255), IMAGENET), '"scale 1" makes 0 … 1 of samples of 0 … 255.'],
])('%s asks for the samples as they are', (_, graph, sentence) => {
  const channels = graph.nodes[0].shape[2]
  expect(ownScaling(graph)).toEqual({
    preprocessing: {
      scale: 1, mean: Array(channels).fill(0), std: Array(channels).fill(1), order: 'rgb', resize: 'fit',
    },
    classes: null,
    reason: `The network scales its images itself: ${sentence}`,
  })
})

test.each([
  ['no scaling', network(3)],
  ['a normalisation of scaled images', network(3, IMAGENET)],
  ['another factor for one channel', network(3, { factor: [1 / 255, 1 / 255, 1 / 250] })],
  ['a scaling behind another operator', network(3, 'relu', colour(1 / 255))],
  ['a factor of its own', network(1, grey(1 / 256))],
])('%s says nothing of the samples', (_, graph) => {
  expect(ownScaling(graph)).toBeUndefined()
})

test('a scaling of one branch says nothing', () => {
  const builder = new GraphBuilder('net')
  const image = builder.add('input', 'image', { shape: [4, 5, 1] }, [])
  const spec = { scale: weight([1 / 255]), offset: null, mean: weight([0]), variance: weight([1]), epsilon: 0 }
  const scaled = builder.add('batchNorm', 'scale', spec, [image])
  expect(ownScaling(builder.finish(builder.add('add', 'sum', {}, [image, scaled]), 'test'))).toBeUndefined()
})
