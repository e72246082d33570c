import { describe, expect, it } from 'vitest'
import { analysisDefaults, specsOf } from './analysis.ts'
import { CHECK_GROUPS, checkSpecOf, isCheckName, LISTED_CHECKS, LISTED_NAMES } from './check-list.ts'
import { CHECK_DEFAULTS, CHECK_NAMES } from './checks.ts'

const options = analysisDefaults('paper')
const [selection] = specsOf(options).selections

describe('the list of checks', () => {
  it('holds each check once', () => {
    expect([...LISTED_NAMES].sort()).toEqual([...CHECK_NAMES].sort())
    expect(new Set(CHECK_GROUPS.map(({ id }) => id)).size).toBe(CHECK_GROUPS.length)
  })

  it('asks one question each', () => {
    for (const { question } of Object.values(LISTED_CHECKS)) expect(question).toMatch(/^[A-Z][^.?]*\?$/)
  })

  it('knows its names', () => {
    expect(isCheckName('iou')).toBe(true)
    expect(isCheckName('toString')).toBe(false)
  })
})

describe('checkSpecOf', () => {
  it('takes explanation and seed from the analysis and the rest from the defaults of the check', () => {
    expect(checkSpecOf('shuffle', selection, { ...options, seed: 7, topFeatures: 2 })).toEqual({
      check: 'shuffle',
      selection,
      explanation: { topFeatures: 2, strideCorrection: 'conv+pool', reduction: 'max-abs' },
      ...CHECK_DEFAULTS.shuffle,
      seed: 7,
    })
  })

  it('changes what the check looks at and nothing else, so that its result is found again', () => {
    expect(checkSpecOf('shuffle', selection, options, { images: 12, repeats: 3 })).toMatchObject({ images: 12, repeats: 3 })
    expect(checkSpecOf('occlusion', selection, options, { images: null, repeats: 3 })).toMatchObject({
      images: null,
      repeats: CHECK_DEFAULTS.occlusion.repeats,
    })
    expect(checkSpecOf('stability', selection, options, { images: 12, repeats: 3 })).toMatchObject({
      images: CHECK_DEFAULTS.stability.images,
      repeats: 3,
    })
  })
})
