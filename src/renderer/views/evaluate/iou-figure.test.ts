import { expect, it } from 'vitest'
import type { EvaluationSpec } from '../../../shared/jobs.ts'
import type { EvaluationResult } from '../../../shared/results.ts'
import { iouFigure } from './iou-figure.ts'

const scores = ['ours', 'sobel', 'centre-box'].map((kind) => ({ kind })) as unknown as EvaluationResult['scores']
const evaluation = { seed: 1 } as EvaluationSpec

it('follows the screen: the class or image, and what is switched off', () => {
  expect(iouFigure(evaluation, { scores }, [])).toEqual({
    kind: 'iou', evaluation, classIndex: null, image: null, hidden: [],
  })
  expect(iouFigure(evaluation, { scores }, ['sobel', 'of another project'], { classIndex: 2 })).toMatchObject({
    classIndex: 2, image: null, hidden: ['sobel'],
  })
  expect(iouFigure(evaluation, { scores }, [], { image: 0 })).toMatchObject({ classIndex: null, image: 0 })
})

it('is none where everything is switched off', () => {
  expect(iouFigure(evaluation, { scores }, ['centre-box', 'ours', 'sobel'])).toBeNull()
})
