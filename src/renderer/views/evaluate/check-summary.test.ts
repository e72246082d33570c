import { describe, expect, it } from 'vitest'
import { summaryOf } from './check-summary.ts'

describe('summaryOf', () => {
  it('counts results by their verdict', () => {
    const of = (verdict: 'for' | 'against' | 'open') => ({ result: { verdict } })
    expect(summaryOf([{ result: null }, { result: null }])).toBe('0 of 2 checks have a result.')
    expect(summaryOf([of('for'), of('open'), of('for'), { result: null }, of('against')])).toBe(
      '4 of 5 checks have a result: 2 supported, 1 not supported, 1 undecided.',
    )
    expect(summaryOf([of('open')])).toBe('1 of 1 checks have a result: 1 undecided.')
  })
})
