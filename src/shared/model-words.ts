import type { GuidedRule, ModelReport, ScoreKind } from './model-report.ts'

/** The report of a model in words, the same on the command line and in the window. */

/** What one of them is called, what several are, and where they come from. */
const SCORES: Record<ScoreKind, readonly [one: string, several: string, origin: string]> = {
  softmax: ['probability', 'probabilities', '(softmax at the end)'],
  sigmoid: ['probability', 'probabilities, each by itself', '(sigmoid at the end)'],
  logits: ['logit', 'logits', '(no softmax at the end)'],
}

/** `10 probabilities (softmax at the end)`. */
export function scoresText({ outputs, scores }: Pick<ModelReport, 'outputs' | 'scores'>): string {
  const [one, several, origin] = SCORES[scores]
  return `${outputs.toLocaleString('en')} ${outputs === 1 ? one : several} ${origin}`
}

/** `64 × 64 × 3, channels first in the file`. */
export function inputText({ input, channelsFirst }: Pick<ModelReport, 'input' | 'channelsFirst'>): string {
  const shape = input.join(' × ')
  if (input.length < 3) return shape
  return `${shape}, channels ${channelsFirst ? 'first' : 'last'} in the file`
}

export const GUIDED_WORDS: Record<GuidedRule, string> = {
  exact: 'exact',
  approximated: 'approximated',
  gradient: 'plain gradient',
  'not-crossed': 'not crossed',
}

/** What guided backpropagation is in this model, one sentence. */
export function guidedText({ nonLinearities }: Pick<ModelReport, 'nonLinearities'>): string {
  const namesOf = (rule: GuidedRule): string[] =>
    nonLinearities.filter(({ guided }) => guided === rule).map(({ name }) => name)
  const [exact, approximated] = [namesOf('exact'), namesOf('approximated')]
  if (exact.length + approximated.length === 0) {
    return 'The model has no rectifier, so that guided backpropagation is the plain gradient.'
  }
  if (approximated.length === 0) {
    return `Guided backpropagation is exact at ${exact.length === 1 ? 'its one rectifier, a ReLU' : `all ${exact.length} rectifiers, which are ReLU`}.`
  }
  const where = `by the slope of the rectifier at ${listed(approximated)}.`
  if (exact.length === 0) {
    return `Guided backpropagation is defined for ReLU, of which the model has none: it is approximated ${where}`
  }
  const total = exact.length + approximated.length
  return `Guided backpropagation is exact at ${exact.length} of ${total} rectifiers, which are ReLU, and approximated ${where}`
}

/** Layers that are one in the file, and outputs that go several ways; nothing where each is used once. */
export function sharingTexts({ sharedWeights, reusedOutputs }: Pick<ModelReport, 'sharedWeights' | 'reusedOutputs'>): string[] {
  const shared = sharedWeights.map(
    (layers) => `Layers ${series(layers)} share their weights: one layer of the file, used ${layers.length} times.`,
  )
  const reused = reusedOutputs.map(({ layer, readers }) =>
    layer === 0 ? `the image by layers ${series(readers)}` : `layer ${layer} by layers ${series(readers)}`,
  )
  return [...shared, ...(reused.length === 0 ? [] : [`Outputs read by several layers: ${listed(reused)}.`])]
}

const MOST_LISTED = 8

function listed(items: readonly string[]): string {
  const rest = items.length - MOST_LISTED
  return items.slice(0, MOST_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function series(numbers: readonly number[]): string {
  return numbers.length === 1 ? String(numbers[0]) : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)!}`
}
