import type { ImageSetInfo } from '../../shared/images.ts'
import type { ImageSource } from '../data/types.ts'

export function describeImages({ records, classes, notes }: ImageSource): ImageSetInfo {
  const perClass = classes.map(() => 0)
  for (const { label } of records) perClass[label]++
  return { images: records.length, perClass, masks: records.filter(({ hasMask }) => hasMask).length, notes }
}

/** Up to `count` indexes, spread evenly over `total` images and so over classes that stand one behind the other. */
export function spreadIndexes(total: number, count: number): Int32Array {
  const taken = Math.min(total, count)
  return Int32Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * total) / taken))
}
