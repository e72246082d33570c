import { describe, expect, it } from 'vitest'
import { asFigureName, DEFAULT_FORMATS, DEFAULT_STYLE, formatsFrom, freeName, nameProblem, styleFrom } from './recipe.ts'

describe('nameProblem', () => {
  it('accepts what the engine accepts', () => {
    for (const name of ['a', 'iou_class-3', 'A'.repeat(80)]) expect(nameProblem(name)).toBe('')
  })

  it('says what is wrong', () => {
    expect(nameProblem('')).toMatch(/Give the figure a name/)
    for (const name of ['a b', '../a', 'ä', 'a.svg']) expect(nameProblem(name)).toMatch(/letters, digits/)
    expect(nameProblem('A'.repeat(81))).toMatch(/at most 80/)
  })
})

describe('freeName', () => {
  it('keeps a name that is free and makes one of any text', () => {
    expect(freeName('iou', [])).toBe('iou')
    expect(asFigureName(' classe n° 3 / é ')).toBe('classe-n-3')
    expect(asFigureName('///')).toBe('figure')
  })

  it('counts on from names that are taken', () => {
    expect(freeName('iou', ['iou'])).toBe('iou-2')
    expect(freeName('iou', ['iou', 'iou-2', 'iou-3'])).toBe('iou-4')
    expect(freeName('iou-2', ['iou-2'])).toBe('iou-3')
  })

  it('never makes a name that is too long', () => {
    const long = 'x'.repeat(200)
    expect(nameProblem(freeName(long, ['x'.repeat(80)]))).toBe('')
  })
})

describe('what was stored', () => {
  it('is taken where it fits', () => {
    expect(styleFrom({ widthCm: 12, font: 'serif', fontSizePt: 9, dpi: 600 })).toEqual({
      widthCm: 12, font: 'serif', fontSizePt: 9, dpi: 600,
    })
    expect(formatsFrom(['png', 'svg', 'gif'])).toEqual(['svg', 'png'])
  })

  it.each([[undefined], [null], ['x'], [{ widthCm: 1000 }], [{ font: 'comic' }], [{ dpi: '300' }]])(
    'is not taken where it does not: %j',
    (stored) => {
      expect(styleFrom(stored)).toEqual(DEFAULT_STYLE)
      expect(formatsFrom(stored)).toEqual(DEFAULT_FORMATS)
    },
  )
})
