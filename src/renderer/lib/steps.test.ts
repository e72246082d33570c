import { describe, expect, it } from 'vitest'
import { analysisDefaults, specsOf } from '../../shared/analysis.ts'
import { METHOD_NAMES } from '../../shared/method-names.ts'
import { NEEDS, stepBehind, STEPS, stepsFor, workBehind, type StepName, type StepState } from './steps.ts'

const states =
  (known: Partial<Record<StepName, StepState>>) =>
  (step: StepName): StepState =>
    known[step] ?? 'missing'

describe('stepsFor', () => {
  it('starts what a step needs before it, in order', () => {
    expect(stepsFor('ablation', states({}))).toEqual(['extraction', 'selection', 'ablation'])
  })

  it('leaves out what is done', () => {
    expect(stepsFor('ablation', states({ extraction: 'done', selection: 'done' }))).toEqual(['ablation'])
    expect(stepsFor('extraction', states({ extraction: 'done' }))).toEqual([])
  })

  it('never starts what the project cannot do', () => {
    expect(stepsFor('evaluation', states({ evaluation: 'unavailable' }))).toEqual(['extraction', 'selection'])
  })

  it('orders the steps so that each comes after what it needs', () => {
    for (const step of STEPS) {
      for (const need of NEEDS[step]) expect(STEPS.indexOf(need)).toBeLessThan(STEPS.indexOf(step))
    }
  })
})

describe('stepBehind', () => {
  it.each([
    ['responses.layers', 'extraction'],
    ['selection.summary', 'selection'],
    ['selection.at', 'extraction'],
    ['explanations.compute', 'selection'],
    ['explanations.get', 'explanation'],
    ['predictions.list', 'predictions'],
    ['predictions.ranked', null],
    ['project.info', null],
  ] as const)('%s reads the result of %s', (name, step) => expect(stepBehind(name)).toBe(step))

  it('is a step or nothing for every method', () => {
    for (const name of METHOD_NAMES) expect([...STEPS, null]).toContain(stepBehind(name))
  })
})

describe('workBehind', () => {
  const { extraction, selections, ablation, averages, evaluation } = specsOf(analysisDefaults('paper'))
  const [selection] = selections
  if (!selection) throw new Error('no selection')
  const { topFeatures, strideCorrection, reduction } = evaluation
  const explanation = { selection, topFeatures, strideCorrection, reduction }

  it('is the job with the very spec that was asked for', () => {
    expect(workBehind({ name: 'responses.feature', argument: { extraction, feature: 3 } })).toEqual({
      kind: 'extraction',
      spec: extraction,
    })
    expect(workBehind({ name: 'ablation.result', argument: { ...ablation, seed: 7 } })).toEqual({
      kind: 'ablation',
      spec: { ...ablation, seed: 7 },
    })
    expect(workBehind({ name: 'averages.mean', argument: { averages, feature: 3 } })).toEqual(
      workBehind({ name: 'averages.get', argument: { averages, feature: 3 } }),
    )
    expect(workBehind({ name: 'averages.get', argument: { averages, feature: 3 } })).toEqual({
      kind: 'averages',
      spec: averages,
    })
    expect(workBehind({ name: 'evaluation.result', argument: evaluation })).toEqual({
      kind: 'evaluation',
      spec: evaluation,
    })
    expect(workBehind({ name: 'selection.classFeatures', argument: { selection, classIndex: 1 } })).toEqual({
      kind: 'selection',
      spec: selection,
    })
  })

  it('explains the image that was asked for, where it is one of the test images', () => {
    const asked = { ...explanation, rule: 'guided' } as const
    expect(workBehind({ name: 'explanations.get', argument: { explanation: asked, image: 'test/12' } })).toEqual({
      kind: 'explanation',
      spec: { ...asked, images: [12] },
    })
    expect(workBehind({ name: 'explanations.get', argument: { explanation: asked, image: 'added/1' } })).toBe(null)
    const computed = { explanation, image: 'added/1', classIndex: null, method: 'ours' } as const
    expect(workBehind({ name: 'explanations.compute', argument: computed })).toEqual({
      kind: 'selection',
      spec: selection,
    })
  })

  it('is none where nothing has to be computed, or the shared analysis says what', () => {
    expect(workBehind({ name: 'project.info', argument: {} })).toBe(null)
    expect(workBehind({ name: 'selection.at', argument: { selection, classIndex: 0, mu: 3 } })).toBe(null)
  })
})
