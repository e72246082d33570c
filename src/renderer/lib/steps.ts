import type { ArgumentOf, MethodName } from '../../shared/contract.ts'
import type { Work, WorkKind } from '../../shared/work.ts'

/** The steps of an analysis that are computed by jobs, in the order in which they are run. */
export const STEPS = [
  'extraction',
  'selection',
  'predictions',
  'ablation',
  'averages',
  'explanation',
  'evaluation',
] as const satisfies readonly WorkKind[]
export type StepName = (typeof STEPS)[number]

/** What must be there before. */
export const NEEDS: Record<StepName, readonly StepName[]> = {
  extraction: [],
  selection: ['extraction'],
  predictions: [],
  ablation: ['extraction', 'selection'],
  averages: ['extraction', 'selection'],
  explanation: ['extraction', 'selection'],
  evaluation: ['extraction', 'selection'],
}

/** `done`; `running` or `queued` now; `missing` and can be started; `unavailable` with this project. */
export type StepState = 'unknown' | 'done' | 'running' | 'queued' | 'missing' | 'unavailable'

/** The step whose result a method reads; null where it needs none. */
export function stepBehind(name: MethodName): StepName | null {
  const noun = name.slice(0, name.indexOf('.'))
  switch (noun) {
    case 'responses':
    case 'extraction':
      return 'extraction'
    case 'selection':
      // The path of a class comes from the statistics of the extraction.
      return name === 'selection.path' || name === 'selection.at' ? 'extraction' : 'selection'
    case 'averages':
    case 'ablation':
    case 'evaluation':
      return noun
    case 'explanations':
      return name === 'explanations.get' ? 'explanation' : 'selection'
    case 'predictions':
      return name === 'predictions.list' ? 'predictions' : null
    default:
      return null
  }
}

/** A method with what it is asked. */
export type Question = {
  [Name in MethodName]: { readonly name: Name; readonly argument: ArgumentOf<Name> }
}[MethodName]

/** The very job whose result a question asks for; null where it is that of the shared analysis, or none. */
export function workBehind({ name, argument }: Question): Work | null {
  switch (name) {
    case 'extraction.result':
    case 'responses.layers':
      return { kind: 'extraction', spec: argument }
    case 'responses.feature':
      return { kind: 'extraction', spec: argument.extraction }
    case 'selection.summary':
    case 'selection.matrix':
      return { kind: 'selection', spec: argument }
    case 'selection.classFeatures':
      return { kind: 'selection', spec: argument.selection }
    case 'explanations.compute':
      return { kind: 'selection', spec: argument.explanation.selection }
    case 'ablation.result':
      return { kind: 'ablation', spec: argument }
    case 'ablation.classCurves':
      return { kind: 'ablation', spec: argument.ablation }
    case 'averages.list':
      return { kind: 'averages', spec: argument }
    case 'averages.get':
    case 'averages.mean':
      return { kind: 'averages', spec: argument.averages }
    case 'evaluation.result':
      return { kind: 'evaluation', spec: argument }
    case 'checks.result':
      return { kind: 'check', spec: argument }
    case 'explanations.get': {
      const { explanation, image } = argument
      if (!image.startsWith('test/')) return null
      return { kind: 'explanation', spec: { ...explanation, images: [Number(image.slice('test/'.length))] } }
    }
    default:
      return null
  }
}

/** The steps before `step` and itself, in order, without those that are done. */
export function stepsFor(step: StepName, stateOf: (step: StepName) => StepState): StepName[] {
  const wanted = new Set<StepName>([...NEEDS[step], step])
  return STEPS.filter((name) => wanted.has(name) && !['done', 'unavailable'].includes(stateOf(name)))
}

/** Titles on buttons and in lists. */
export const STEP_TITLES: Record<StepName, string> = {
  extraction: 'Extract responses',
  selection: 'Select features',
  predictions: 'Predict test images',
  ablation: 'Measure ablation',
  averages: 'Compute average images',
  explanation: 'Explain test images',
  evaluation: 'Evaluate heatmaps',
}

/** What is not there while a step is not done. */
export const STEP_MISSING: Record<StepName, string> = {
  extraction: 'The responses of the features to the training images are not extracted yet.',
  selection: 'The relevant features of each class are not selected yet with these choices.',
  predictions: 'The test images are not predicted yet.',
  ablation: 'The accuracy while features are removed is not measured yet with these choices.',
  averages: 'The average images of the relevant features are not computed yet with these choices.',
  explanation: 'The explanations of test images are not computed yet with these choices.',
  evaluation: 'The heatmaps are not compared with the masks yet with these choices.',
}
