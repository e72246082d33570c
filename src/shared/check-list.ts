import type { AnalysisOptions } from './analysis.ts'
import { CHECK_DEFAULTS, CHECK_NAMES, type CheckName, type CheckSpec } from './checks.ts'
import type { SelectionSpec } from './jobs.ts'

/** The checks as they are listed for people, on a screen, in print and on the command line. */

export interface ListedCheck {
  readonly title: string
  /** What it asks, in one sentence. */
  readonly question: string
  /** Whether only a project with masks can answer. */
  readonly needsMasks: boolean
  /** What `CheckSpec.repeats` counts; null where nothing is drawn at random. */
  readonly draws: string | null
  /** Whether it is computed from test images. */
  readonly usesImages: boolean
}

export const LISTED_CHECKS: Readonly<Record<CheckName, ListedCheck>> = {
  iou: {
    title: 'Overlap with masks',
    question: 'Do the heatmaps lie on what tells the class from the others, more than maps that know nothing?',
    needsMasks: true,
    draws: null,
    usesImages: true,
  },
  occlusion: {
    title: 'Box occlusion',
    question: 'Does the network lose confidence when the places that the heatmap points at are covered?',
    needsMasks: false,
    draws: null,
    usesImages: true,
  },
  insertion: {
    title: 'Insertion and deletion',
    question: 'How soon does the confidence come and go when pixels are shown or taken away in the order of the heatmap?',
    needsMasks: false,
    draws: null,
    usesImages: true,
  },
  artefact: {
    title: 'Grid artefact',
    question: 'Does the stride correction take the grid out of the heatmaps and leave the activations as they are?',
    needsMasks: false,
    draws: null,
    usesImages: true,
  },
  randomisation: {
    title: 'Model randomisation',
    question: 'Do the heatmaps change when the layers of the network are filled with random weights?',
    needsMasks: false,
    draws: null,
    usesImages: true,
  },
  swap: {
    title: 'Class swap',
    question: 'Do the heatmaps of the predicted class differ from those of other classes?',
    needsMasks: false,
    draws: null,
    usesImages: true,
  },
  shuffle: {
    title: 'Selection shuffle',
    question: 'Do the selected channels explain better than random channels of the same layers?',
    needsMasks: true,
    draws: 'draws of random channels',
    usesImages: true,
  },
  permutation: {
    title: 'Label permutation',
    question: 'What does the selection find by chance, when the labels are permuted?',
    needsMasks: false,
    draws: 'permutations of the labels',
    usesImages: false,
  },
  path: {
    title: 'Path over μ',
    question: 'How well do the selected features tell the classes apart on held-out images, and how many are needed?',
    needsMasks: false,
    draws: null,
    usesImages: false,
  },
  stability: {
    title: 'Stability',
    question: 'Which features are selected again from other halves of the training images?',
    needsMasks: false,
    draws: 'half-samples of the training images',
    usesImages: false,
  },
  baselines: {
    title: 'Random baselines',
    question: 'Does removing the selected features cost more than removing random ones of the same layers?',
    needsMasks: false,
    draws: 'random sets of the same layers',
    usesImages: true,
  },
  variants: {
    title: 'Response variants',
    question: 'Does the selection depend on how the response of a channel is measured?',
    needsMasks: false,
    draws: null,
    usesImages: false,
  },
}

export interface CheckGroup {
  readonly id: string
  readonly title: string
  readonly checks: readonly CheckName[]
}

export const CHECK_GROUPS: readonly CheckGroup[] = [
  { id: 'masks', title: 'Heatmaps against masks', checks: ['iou'] },
  { id: 'no-masks', title: 'Heatmaps without masks', checks: ['occlusion', 'insertion', 'artefact'] },
  { id: 'sanity', title: 'Controls and sanity', checks: ['randomisation', 'swap', 'shuffle', 'permutation'] },
  { id: 'selection', title: 'Selection one can trust', checks: ['path', 'stability', 'baselines', 'variants'] },
]

/** All checks in the order in which they are listed. */
export const LISTED_NAMES: readonly CheckName[] = CHECK_GROUPS.flatMap(({ checks }) => checks)

/** What each check of an analysis is told; what is left out of `changes` comes from the check's defaults. */
export function checkSpecOf(
  check: CheckName,
  selection: SelectionSpec,
  options: Pick<AnalysisOptions, 'topFeatures' | 'strideCorrection' | 'reduction' | 'seed'>,
  changes: { readonly images?: number | null | undefined; readonly repeats?: number | undefined } = {},
): CheckSpec {
  const { topFeatures, strideCorrection, reduction, seed } = options
  const { images, repeats } = CHECK_DEFAULTS[check]
  const { usesImages, draws } = LISTED_CHECKS[check]
  return {
    check,
    selection,
    explanation: { topFeatures, strideCorrection, reduction },
    // What a check does not look at is no part of what its result is kept under.
    images: usesImages && changes.images !== undefined ? changes.images : images,
    repeats: draws !== null && changes.repeats !== undefined ? changes.repeats : repeats,
    seed,
  }
}

export function isCheckName(name: string): name is CheckName {
  return (CHECK_NAMES as readonly string[]).includes(name)
}

/** What is said of a verdict, beside a sign that is more than a colour. */
export const VERDICT_WORDS = { for: 'supported', against: 'not supported', open: 'undecided' } as const
