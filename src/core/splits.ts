import { shuffledIndexes } from './random.ts'

/**
 * A random part of the images that holds the same share of every class, rounded to the nearest image (halves up). With
 * a share of 1/2 the images left out are a half-sample, too: a complementary pair (Shah & Samworth 2013).
 *
 * @param labels `[images]`; @returns `[images]`, 1 for the images of the part.
 */
export function stratifiedPart(labels: ArrayLike<number>, share: number, ...seeds: readonly number[]): Uint8Array {
  const part = new Uint8Array(labels.length)
  const seen = new Map<number, number>()
  for (const image of shuffledIndexes(labels.length, ...seeds)) {
    const before = seen.get(labels[image]) ?? 0
    seen.set(labels[image], before + 1)
    if (Math.floor((before + 1) * share + 0.5) > Math.floor(before * share + 0.5)) part[image] = 1
  }
  return part
}

/**
 * Folds for cross-validation: each image is in one of them, each class is spread over all as evenly as its images
 * allow, and the folds differ by one image at most.
 *
 * @param labels `[images]`; @returns `[images]`, the fold of each, 0 to `folds` - 1.
 */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number, ...seeds: readonly number[]): Uint8Array {
  const byClass = new Map<number, number[]>()
  for (const image of shuffledIndexes(labels.length, ...seeds)) {
    const own = byClass.get(labels[image])
    if (own) own.push(image)
    else byClass.set(labels[image], [image])
  }
  const result = new Uint8Array(labels.length)
  // Counted on from class to class, so that the folds that get one more are not always the first.
  let next = 0
  for (const label of [...byClass.keys()].sort((a, b) => a - b)) {
    for (const image of byClass.get(label)!) result[image] = next++ % folds
  }
  return result
}
