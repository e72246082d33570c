import { describe, expect, it } from 'vitest'
import { certificateWords } from './certificate-words.ts'

const SOLVED = {
  objective: 12.3456,
  gap: 3.14e-13,
  relativeGap: 2.5e-14,
  accepted: true,
  l1Norm: 10,
  lambda: 0.1234,
  nonZeros: 34,
}

describe('a certificate in words', () => {
  it('says that the class is solved, and how well', () => {
    expect(certificateWords(SOLVED, 10)).toEqual({
      solved: true,
      quality: 'Solved: the objective 12.3 is within 3.1e-13 of its optimum (duality gap).',
      bound: '‖w‖₁ = μ = 10: 34 relevant features.',
      slope: 'λ = 0.123: by so much the objective falls for each further unit of μ, at first.',
    })
  })

  it('says where the bound has no effect', () => {
    const words = certificateWords({ ...SOLVED, l1Norm: 6.5, nonZeros: 1 }, 10)
    expect(words.bound).toBe('‖w‖₁ = 6.5 stays below μ = 10: 1 relevant feature.')
    expect(words.slope).toBe('The bound has no effect: a larger μ changes nothing.')
  })

  it('takes the rounding of the norm for what it is', () => {
    expect(certificateWords({ ...SOLVED, l1Norm: 10 - 1e-9 }, 10).bound).toContain('‖w‖₁ = μ')
  })

  it('does not call solved what is not', () => {
    const words = certificateWords({ ...SOLVED, gap: 0.5, accepted: false }, 10)
    expect(words.solved).toBe(false)
    expect(words.quality).toMatch(/^Not solved .* may lie 0.5 above its optimum .* approximate\.$/)
  })

  it('shows no gap below zero, which is rounding', () => {
    expect(certificateWords({ ...SOLVED, gap: -1e-17 }, 10).quality).toContain('within 0 of')
  })
})
