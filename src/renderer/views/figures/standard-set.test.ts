import { describe, expect, it } from 'vitest'
import { analysisDefaults, specsOf } from '../../../shared/analysis.ts'
import { standardSet } from './standard-set.ts'

const specs = specsOf(analysisDefaults('paper'))
const { selection, topFeatures, strideCorrection, reduction } = specs.evaluation
const explanation = { selection, topFeatures, strideCorrection, reduction, rule: 'guided' as const, images: [0, 50] }

describe('standardSet', () => {
  it('has one figure of each result and one for each image', () => {
    const figures = standardSet({ specs, explanation, hasMasks: true, stored: [] })
    expect(figures.map(({ name }) => name)).toEqual([
      'ablation', 'ablation-classwise', 'averages', 'explanation-test-0', 'explanation-test-50', 'iou',
    ])
    expect(figures.map(({ style }) => style.widthCm)).toEqual([8.5, 17.5, 17.5, 17.5, 17.5, 8.5])
  })

  it('has no IoU without masks', () => {
    const figures = standardSet({ specs, explanation, hasMasks: false, stored: [] })
    expect(figures.some(({ spec }) => spec.kind === 'iou')).toBe(false)
  })

  it('leaves out what is there and takes no name twice', () => {
    const [first, ...rest] = standardSet({ specs, explanation, hasMasks: true, stored: [] })
    if (!first) throw new Error('no figure')
    const same = { ...first, name: 'renamed', id: 1, changedAt: 0 }
    expect(standardSet({ specs, explanation, hasMasks: true, stored: [same] })).toEqual(rest)
    const other = { ...first, spec: { ...first.spec, classIndex: 3 } as typeof first.spec, id: 1, changedAt: 0 }
    expect(standardSet({ specs, explanation, hasMasks: true, stored: [other] })[0]?.name).toBe('ablation-2')
  })
})
