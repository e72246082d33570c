import type { FeatureLayout } from '../../../core/features.ts'
import { overlapOf, type Overlap } from '../../../core/set-overlap.ts'
import { spearman } from '../../../core/similarity.ts'
import { strengths, unionOf, type SparseWeights } from '../../../core/sparse-weights.ts'
import type { CheckChart, CheckResult, CheckTable } from '../../../shared/checks.ts'
import type { SolvedClasses } from './solved-classes.ts'
import { numeric, text } from './tables.ts'
import { decimal, orNull } from './words.ts'

/** Shares of the selected features from which a variant is said to agree, and below which not to. */
const AGREES = 0.5
const DISAGREES = 0.25

export interface VariantFindings {
  readonly name: string
  /** Whether the checked selection is made this way. */
  readonly reference: boolean
  readonly sameMu: SolvedClasses
  readonly sameCount: SparseWeights
}

export interface VariantsFindings {
  readonly layout: FeatureLayout
  readonly images: number
  /** The selection that is checked. */
  readonly own: SparseWeights
  /** `[m]`, the first feature of each feature's group of near-duplicates. */
  readonly groups: Int32Array
  readonly variants: readonly VariantFindings[]
}

/** A variant's selection beside the checked one. */
interface Compared {
  readonly features: number
  readonly overlap: Overlap
  /** Of the groups of near-duplicates of either. */
  readonly grouped: Overlap
  /** Of the strengths max_j |w_jk| over all features; most are 0 in both. */
  readonly rank: number
}

export function variantsResult(findings: VariantsFindings): CheckResult {
  const { own, variants, images } = findings
  const others = variants.filter(({ reference }) => !reference)
  const count = unionOf(own).length
  const atCount = others.map(({ sameCount }) => compare(findings, sameCount))
  const shared = atCount.map(({ overlap }) => overlap.shared)
  const jaccards = atCount.map(({ grouped }) => grouped.jaccard)
  const [least, most] = [Math.min(...jaccards), Math.max(...jaccards)]
  const verdict = least >= AGREES ? 'for' : most < DISAGREES ? 'against' : 'open'
  return {
    check: 'variants',
    title: 'Response variants',
    sentence:
      `Of ${count} selected features, ${range(shared.map(String))} are selected again when the response of a channel ` +
      `is measured in ${others.length} other ways, at the same number of features for each class; with near-duplicates ` +
      `counted as one the overlap (Jaccard) is ${range(jaccards.map((value) => decimal(value, 2)))}.`,
    verdict,
    limits: [
      'Which way of measuring is right is not decided: the paper states one, its released code uses another.',
      'At the same μ the variants are bound unlike, because μ is measured in the units of the responses; only the comparison at the same number of features is one of like with like.',
      'The rank correlation runs over all features, most of which no variant selects.',
    ],
    warnings: [],
    images,
    tables: [
      variantsTable(findings, 'same_mu', 'Selections at the same μ', ({ sameMu }) => sameMu.weights),
      variantsTable(
        findings,
        'same_count',
        'Selections with the same number of features for each class',
        ({ sameCount }) => sameCount,
      ),
    ],
    charts: [overlapChart(findings)],
  }
}

function compare({ own, groups, layout }: VariantsFindings, other: SparseWeights): Compared {
  const [first, second] = [unionOf(own), unionOf(other)]
  const groupsOf = (features: number[]): number[] => [...new Set(features.map((feature) => groups[feature]))]
  return {
    features: second.length,
    overlap: overlapOf(first, second),
    grouped: overlapOf(groupsOf(first), groupsOf(second)),
    rank: spearman(strengths(own, layout.size), strengths(other, layout.size)),
  }
}

function range(values: readonly string[]): string {
  const sorted = [...values].sort((a, b) => Number(a) - Number(b))
  const [first, last] = [sorted[0], sorted.at(-1)!]
  return first === last ? first : `${first} to ${last}`
}

function variantsTable(
  findings: VariantsFindings,
  id: string,
  title: string,
  weightsOf: (variant: VariantFindings) => SparseWeights,
): CheckTable {
  const withResidual = id === 'same_mu'
  return {
    id,
    title: `${title}, beside the checked one`,
    columns: [
      text('response', 'response'),
      text('role', 'role'),
      numeric('features', 'features', 0),
      numeric('shared', 'shared', 0),
      numeric('jaccard', 'Jaccard', 2),
      numeric('grouped_jaccard', 'Jaccard with near-duplicates as one', 2),
      numeric('rank_correlation', 'Spearman of the weights', 2),
      ...(withResidual ? [numeric('residual', 'residual')] : []),
    ],
    rows: findings.variants.map((variant) => {
      const { features, overlap, grouped, rank } = compare(findings, weightsOf(variant))
      const unexplained = (2 * variant.sameMu.objectives.reduce((a, b) => a + b, 0)) / findings.images
      return [
        variant.name,
        variant.reference ? 'checked' : 'other',
        features,
        overlap.shared,
        orNull(overlap.jaccard),
        orNull(grouped.jaccard),
        orNull(rank),
        ...(withResidual ? [unexplained] : []),
      ]
    }),
  }
}

function overlapChart(findings: VariantsFindings): CheckChart {
  return {
    kind: 'intervals',
    id: 'overlap',
    title: 'Overlap with the checked selection, near-duplicates counted as one',
    xTitle: 'Jaccard overlap',
    rows: findings.variants
      .filter(({ reference }) => !reference)
      .flatMap((variant) =>
        [
          { name: `${variant.name}, same number`, weights: variant.sameCount, control: false },
          { name: `${variant.name}, same μ`, weights: variant.sameMu.weights, control: true },
        ].map(({ name, weights, control }) => {
          const { jaccard } = compare(findings, weights).grouped
          return { name, control, value: Number.isNaN(jaccard) ? 0 : jaccard, low: null, high: null }
        }),
      ),
    reference: 1,
  }
}
