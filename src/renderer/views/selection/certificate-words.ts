import { formatCount, formatNumber } from '../../lib/format.ts'
import type { Certificate } from '../../../shared/results.ts'

/** What a certificate says about the solution of one class. */
export interface CertificateWords {
  readonly solved: boolean
  /** One sentence on how good the solution is. */
  readonly quality: string
  /** One sentence on mu, the norm and the features. */
  readonly bound: string
  /** One sentence on what a larger mu would bring. */
  readonly slope: string
}

/** Share of mu that the norm may lack and still reach it: rounding. */
const BOUND_TOLERANCE = 1e-6

/** The certificate of one class in plain words; `mu` is the bound that it was solved with. */
export function certificateWords(certificate: Certificate, mu: number): CertificateWords {
  const { objective, accepted, l1Norm, lambda, nonZeros } = certificate
  const gap = formatNumber(Math.max(0, certificate.gap))
  const value = formatNumber(objective)
  const features = `${formatCount(nonZeros)} relevant ${nonZeros === 1 ? 'feature' : 'features'}`
  const binds = l1Norm >= mu * (1 - BOUND_TOLERANCE)
  return {
    solved: accepted,
    quality: accepted
      ? `Solved: the objective ${value} is within ${gap} of its optimum (duality gap).`
      : `Not solved to the required accuracy: the objective ${value} may lie ${gap} above its optimum (duality gap), ` +
        'so weights and features are approximate.',
    bound: binds
      ? `‖w‖₁ = μ = ${formatNumber(mu)}: ${features}.`
      : `‖w‖₁ = ${formatNumber(l1Norm)} stays below μ = ${formatNumber(mu)}: ${features}.`,
    slope: binds
      ? `λ = ${formatNumber(lambda)}: by so much the objective falls for each further unit of μ, at first.`
      : 'The bound has no effect: a larger μ changes nothing.',
  }
}
