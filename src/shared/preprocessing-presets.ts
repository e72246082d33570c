import type { Suggestion } from './graph.ts'
import type { PreprocessingConfig } from './project.ts'

/** What a preset decides; size and resizing are another matter. */
export type PresetValues = Pick<PreprocessingConfig, 'scale' | 'mean' | 'std' | 'order'>

/** A usual way to scale the images of a network. */
export interface PreprocessingPreset {
  readonly name: string
  /** Input values, and who writes them so. */
  readonly hint: string
  readonly values: PresetValues
}

/** `[height, width, channels]` of a network's input. */
export interface ImageInput {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
}

export const FROM_FILE = 'Model’s file'

/** The families of preprocessing for a network with this input, commonest first. */
export function presetsFor({ height, width, channels }: ImageInput): readonly PreprocessingPreset[] {
  const common: readonly PreprocessingPreset[] = [
    preset('0 … 1', 'samples / 255', 1 / 255, same(0, channels), same(1, channels)),
    preset('−1 … 1', 'samples / 127.5 − 1', 1 / 127.5, same(1, channels), same(1, channels)),
    preset('0 … 255', 'samples as they are', 1, same(0, channels), same(1, channels)),
  ]
  if (channels === 1) {
    return [...common, preset('MNIST', '0 … 1, mean and standard deviation of MNIST', 1 / 255, [0.1307], [0.3081])]
  }
  const caffe = preset('Caffe', '0 … 255 less the mean of ImageNet, BGR', 1, [103.939, 116.779, 123.68], [1, 1, 1], 'bgr')
  const torch = preset(
    'Torch',
    '0 … 1, mean and standard deviation of ImageNet',
    1 / 255,
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  )
  // Its statistics are used for no other size.
  const cifar = preset(
    'CIFAR-10',
    '0 … 1, mean and standard deviation of CIFAR-10',
    1 / 255,
    [0.4914, 0.4822, 0.4465],
    [0.247, 0.2435, 0.2616],
  )
  return [...common, caffe, torch, ...(height === 32 && width === 32 ? [cifar] : [])]
}

/** What the model's own file suggests, as a preset; null where it suggests nothing. */
export function suggestedPreset(suggestion: Suggestion | undefined): PreprocessingPreset | null {
  if (!suggestion?.preprocessing) return null
  const { scale, mean, std, order } = suggestion.preprocessing
  return { name: FROM_FILE, hint: 'as the file itself says', values: { scale, mean, std, order } }
}

/** Of what a project is made with, the part that a model's file may suggest. */
export type GivenPreprocessing = Readonly<Partial<Record<'scale' | 'mean' | 'std' | 'order' | 'resize', unknown>>>

/**
 * What a new project takes over from the model's file: all that the file suggests where nothing of it was given by
 * hand, else nothing, since the numbers belong together. Null where nothing is taken over.
 */
export function takenFromFile(given: GivenPreprocessing, suggestion: Suggestion | undefined): Suggestion['preprocessing'] {
  const { scale, mean, std, order, resize } = given
  const isGiven = [scale, mean, std, order, resize].some((value) => value !== undefined)
  return isGiven ? null : (suggestion?.preprocessing ?? null)
}

/** In words: `scale 1/255, mean 0, standard deviation 1, order RGB, resize fit`; grey images have no order. */
export function preprocessingText(
  { scale, mean, std, order, resize, channels }: PresetValues & Pick<PreprocessingConfig, 'resize' | 'channels'>,
): string {
  return [
    `scale ${numberText(scale)}`,
    `mean ${numbersText(mean)}`,
    `standard deviation ${numbersText(std)}`,
    ...(channels === 1 ? [] : [`order ${order.toUpperCase()}`]),
    `resize ${resize}`,
  ].join(', ')
}

/** The same numbers for the other channel order: means and deviations are in the order of the network. */
export function inOtherOrder({ scale, mean, std, order }: PresetValues): PresetValues {
  return { scale, mean: mean.toReversed(), std: std.toReversed(), order: order === 'rgb' ? 'bgr' : 'rgb' }
}

/** Whether both give a network of so many channels the same input. A list of one number holds for all channels. */
export function areSameValues(left: PresetValues, right: PresetValues, channels: 1 | 3): boolean {
  const spread = (list: readonly number[]): readonly number[] =>
    list.length === 1 ? Array.from({ length: channels }, () => list[0] ?? 0) : list
  const equal = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((value, index) => value === b[index])
  return (
    left.scale === right.scale &&
    equal(spread(left.mean), spread(right.mean)) &&
    equal(spread(left.std), spread(right.std)) &&
    (channels === 1 || left.order === right.order)
  )
}

/** A number as a person would write it, `1/255`; read again it is the same to the last bit. */
export function numberText(value: number): string {
  if (value < 0) return `-${numberText(-value)}`
  const half = Math.round(2 / value) / 2
  const isFraction = value < 1 && 1 / half === value
  // 0.5 is shorter than 1/2.
  return isFraction && String(value).length > 6 ? `1/${half}` : String(value)
}

/** One number where all are the same. */
export function numbersText(values: readonly number[], separator = ', '): string {
  const isOne = values.every((value) => value === values[0])
  return (isOne ? values.slice(0, 1) : values).map(numberText).join(separator)
}

function preset(
  name: string,
  hint: string,
  scale: number,
  mean: readonly number[],
  std: readonly number[],
  order: 'rgb' | 'bgr' = 'rgb',
): PreprocessingPreset {
  return { name, hint, values: { scale, mean, std, order } }
}

function same(value: number, channels: number): readonly number[] {
  return Array.from({ length: channels }, () => value)
}
