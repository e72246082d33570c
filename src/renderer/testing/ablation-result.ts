import type { AblationResult } from '../../shared/results.ts'

/** A small measured ablation of two classes, for tests. */
export function sampleResult(): AblationResult {
  const point = (removed: number, accuracy: number, perClass: number[], random: [number, number, number]) => {
    const [mean, randomLow, randomHigh] = random
    return { removed, accuracy, perClass, random: mean, randomLow, randomHigh }
  }
  const effect = (classIndex: number, lossOwn: number) => ({
    classIndex,
    features: 3 + classIndex,
    lossOwn,
    lossOthers: 0.02,
    lossRandom: 0.1,
    lossRandomLow: 0,
    lossRandomHigh: 0.2,
  })
  return {
    original: 0.9,
    originalPerClass: [1, 0.8],
    images: [50, 50],
    unreadable: 0,
    repeats: 30,
    curves: [
      {
        name: 'All',
        order: [5, 2, 9, 1, 0, 3, 4, 6, 7, 8],
        points: [
          point(0, 0.9, [1, 0.8], [0.9, 0.9, 0.9]),
          point(4, 0.5, [0.6, 0.4], [0.8, 0.7, 0.85]),
          point(10, 0.2, [0.3, 0.1], [0.7, 0.6, 0.8]),
        ],
        classwise: [effect(0, 0.6), effect(1, 0.4)],
      },
      {
        name: 'OnlyConv',
        order: [1, 2, 3],
        points: [point(0, 0.9, [1, 0.8], [0.9, 0.9, 0.9]), point(3, 0.6, [0.7, 0.5], [0.65, 0.5, 0.8])],
        classwise: [effect(0, 0.1), effect(1, 0.05)],
      },
    ],
  }
}
