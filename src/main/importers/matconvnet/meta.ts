import type { Suggestion } from '../../../shared/graph.ts'
import { structOf, textsOf, type MatlabValue, type NumericArray, type StructElement } from '../matlab/values.ts'

/** What a network's file says about its images and classes. */
export interface Meta {
  /** `[height, width]` and, where stated, the channels. */
  readonly imageSize: readonly number[] | null
  readonly averageImage: NumericArray | null
  readonly keepsAspect: boolean
  readonly classes: readonly string[] | null
}

/** Where each lies changed between versions; what has another form than expected counts as not stated. */
export function readMeta(meta: StructElement): Meta {
  const normalization = structOf(meta.get('normalization'))
  const inputs = meta.get('inputs')
  const input = inputs?.kind === 'struct' ? inputs.elements[0] : undefined
  const sizes = [normalization?.get('imageSize'), meta.get('inputSize'), input?.get('size')]
  const average = normalization?.get('averageImage')
  return {
    imageSize: sizes.map(sizeIn).find((size) => size !== null) ?? null,
    averageImage: average?.kind === 'numeric' && average.data.length > 0 ? average : null,
    keepsAspect: numberIn(normalization?.get('keepAspect')) !== 0,
    classes: classesIn(meta.get('classes')),
  }
}

/**
 * What the file suggests for a network of so many channels and classes, and what it says that cannot be followed. The
 * image is in samples 0 to 255, red first, less an average that is a colour or an image of its own.
 */
export function suggestionOf(
  { averageImage, keepsAspect, classes }: Meta,
  channels: number,
  classCount: number,
): { readonly suggestion: Suggestion; readonly warnings: readonly string[] } {
  const warnings: string[] = []
  const average = averageImage && channelMeans(averageImage, channels)
  if (averageImage && !average) {
    const shape = averageImage.shape.join('x')
    warnings.push(`The file's average image of ${shape} does not fit images of ${channels} channels and is not suggested.`)
  }
  if (average && average.spread > 0) {
    warnings.push(
      `The file subtracts an average image; its mean in each channel (${average.means.join(', ')}) is suggested, ` +
        `from which its pixels differ by up to ${average.spread} of 255.`,
    )
  }
  const names = classes?.length === classCount ? classes : null
  if (classes && !names) warnings.push(`The file names ${classes.length} classes, but the network has ${classCount}: they are not suggested.`)
  const preprocessing = average && {
    scale: 1,
    mean: average.means,
    std: average.means.map(() => 1),
    order: 'rgb' as const,
    resize: keepsAspect ? ('crop' as const) : ('fit' as const),
  }
  return { suggestion: { preprocessing, classes: names }, warnings }
}

/** The mean of each channel of an average image or colour, and how far its pixels lie from it at most. */
function channelMeans({ data }: NumericArray, channels: number): { means: number[]; spread: number } | null {
  const pixels = data.length / channels
  if (data.length === 1) return { means: Array.from({ length: channels }, () => rounded(data[0])), spread: 0 }
  if (!Number.isInteger(pixels) || !data.every(Number.isFinite)) return null
  let spread = 0
  const means = Array.from({ length: channels }, (_, channel) => {
    const values = data.subarray(channel * pixels, (channel + 1) * pixels)
    let sum = 0
    for (const value of values) sum += value
    const mean = sum / pixels
    for (const value of values) spread = Math.max(spread, Math.abs(value - mean))
    return rounded(mean)
  })
  return { means, spread: Number(spread.toPrecision(3)) }
}

/** Single precision holds seven digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(7))
}

function sizeIn(value: MatlabValue | undefined): readonly number[] | null {
  if (value?.kind !== 'numeric') return null
  const [height, width, channels] = value.data
  const size = channels === undefined ? [height, width] : [height, width, channels]
  return size.every((length) => Number.isInteger(length) && length >= 1) ? size : null
}

function numberIn(value: MatlabValue | undefined): number | null {
  return value?.kind === 'numeric' && value.data.length === 1 ? value.data[0] : null
}

/** Descriptions are for people; names are numbers of WordNet in the networks of ImageNet. */
function classesIn(value: MatlabValue | undefined): readonly string[] | null {
  const classes = structOf(value)
  const lists = [classes?.get('description'), classes?.get('name'), value].map((list) => textsOf(list))
  return lists.find((list) => list !== undefined && list.length > 0) ?? null
}
