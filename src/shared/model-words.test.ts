import { expect, it } from 'vitest'
import type { GuidedRule, NonLinearity } from './model-report.ts'
import { guidedText, inputText, scoresText, sharingTexts } from './model-words.ts'

const at = (...rules: GuidedRule[]): { nonLinearities: NonLinearity[] } => ({
  nonLinearities: rules.map((guided, i) => ({ name: `n${i}`, guided, sentence: '' })),
})

it('says what input and scores are', () => {
  expect(inputText({ input: [64, 32, 3], channelsFirst: true })).toBe('64 × 32 × 3, channels first in the file')
  expect(inputText({ input: [64, 32, 3], channelsFirst: false })).toBe('64 × 32 × 3, channels last in the file')
  expect(inputText({ input: [10], channelsFirst: false })).toBe('10')
  expect(scoresText({ outputs: 1000, scores: 'logits' })).toBe('1,000 logits (no softmax at the end)')
  expect(scoresText({ outputs: 6, scores: 'softmax' })).toBe('6 probabilities (softmax at the end)')
  expect(scoresText({ outputs: 6, scores: 'sigmoid' })).toBe('6 probabilities, each by itself (sigmoid at the end)')
  expect(scoresText({ outputs: 1, scores: 'sigmoid' })).toBe('1 probability (sigmoid at the end)')
  expect(scoresText({ outputs: 1, scores: 'logits' })).toBe('1 logit (no softmax at the end)')
})

it('says where guided backpropagation is exact', () => {
  expect(guidedText(at('exact', 'exact', 'gradient', 'not-crossed'))).toBe(
    'Guided backpropagation is exact at all 2 rectifiers, which are ReLU.',
  )
  expect(guidedText(at('exact'))).toBe('Guided backpropagation is exact at its one rectifier, a ReLU.')
  expect(guidedText(at('exact', 'approximated', 'approximated'))).toBe(
    'Guided backpropagation is exact at 1 of 3 rectifiers, which are ReLU, ' +
      'and approximated by the slope of the rectifier at n1, n2.',
  )
  expect(guidedText(at('approximated'))).toBe(
    'Guided backpropagation is defined for ReLU, of which the model has none: ' +
      'it is approximated by the slope of the rectifier at n0.',
  )
  expect(guidedText(at(...new Array<GuidedRule>(10).fill('approximated')))).toContain('at n0, n1, n2, n3, n4, n5, n6, n7 and 2 more.')
  expect(guidedText(at('gradient'))).toContain('no rectifier')
})

it('tells of shared weights and of outputs with several readers', () => {
  expect(sharingTexts({ sharedWeights: [], reusedOutputs: [] })).toEqual([])
  const reusedOutputs = [{ layer: 0, readers: [1, 2] }, { layer: 4, readers: [5, 6, 9] }]
  expect(sharingTexts({ sharedWeights: [[1, 3, 4]], reusedOutputs })).toEqual([
    'Layers 1, 3 and 4 share their weights: one layer of the file, used 3 times.',
    'Outputs read by several layers: the image by layers 1 and 2, layer 4 by layers 5, 6 and 9.',
  ])
})
