/**
 * Share of images that would be right if the outputs of the network had other names: each label goes with one
 * prediction, the commonest pair first. A lower bound on the best such naming, and exact where the predictions are
 * those of a good network in another order.
 *
 * @param labels `[images]`, the class of each; @param predicted `[images]`, likewise.
 */
export function renamedAccuracy(labels: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const counts = new Map<string, { label: number; prediction: number; images: number }>()
  for (let i = 0; i < labels.length; i++) {
    const [label, prediction] = [labels[i], predicted[i]]
    const key = `${label} ${prediction}`
    const pair = counts.get(key) ?? { label, prediction, images: 0 }
    counts.set(key, { ...pair, images: pair.images + 1 })
  }
  const pairs = [...counts.values()].sort((a, b) => b.images - a.images)
  const [taken, given] = [new Set<number>(), new Set<number>()]
  let right = 0
  for (const { label, prediction, images } of pairs) {
    if (taken.has(label) || given.has(prediction)) continue
    taken.add(label)
    given.add(prediction)
    right += images
  }
  return right / labels.length
}
