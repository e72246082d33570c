import type { Suggestion } from '../../../shared/graph.ts'

/** Samples as `scale * sample - mean`, by Image.NominalPixelRange; the last is studio range, 16 for black. */
const RANGES: ReadonlyMap<string, { readonly scale: number; readonly mean: number }> = new Map([
  ['nominalrange_0_255', { scale: 1, mean: 0 }],
  ['normalized_0_1', { scale: 1 / 255, mean: 0 }],
  ['normalized_1_1', { scale: 1 / 127.5, mean: 1 }],
  ['nominalrange_16_235', { scale: 219 / 255, mean: -16 }],
])

/** Channels and their order, by Image.BitmapPixelFormat. */
const FORMATS: ReadonlyMap<string, { readonly channels: number; readonly order: 'rgb' | 'bgr' }> = new Map([
  ['gray8', { channels: 1, order: 'rgb' }],
  ['rgb8', { channels: 3, order: 'rgb' }],
  ['bgr8', { channels: 3, order: 'bgr' }],
])

/**
 * What a model says of its images in the metadata that ONNX defines for them ("Image category" of MetadataProps.md;
 * keys and values in any case). Undefined unless it states both the range of the samples and a format of `channels`
 * channels: nothing is guessed.
 */
export function imageSuggestion(metadata: ReadonlyMap<string, string>, channels: number): Suggestion | undefined {
  const stated = new Map([...metadata].map(([key, value]) => [key.toLowerCase(), value.trim().toLowerCase()]))
  const range = RANGES.get(stated.get('image.nominalpixelrange') ?? '')
  const format = FORMATS.get(stated.get('image.bitmappixelformat') ?? '')
  if (!range || format?.channels !== channels) return undefined
  const same = (value: number): number[] => Array.from({ length: channels }, () => value)
  const { scale, mean } = range
  return {
    preprocessing: { scale, mean: same(mean), std: same(1), order: format.order, resize: 'fit' },
    classes: null,
  }
}
