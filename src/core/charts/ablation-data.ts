import type { AblationCurve, ClassAblation } from '../../shared/results.ts'
import type { AblationChartData } from './ablation.ts'
import type { ClasswiseChartData } from './classwise.ts'

/** Results of an ablation as what their charts draw, on the screen and in print. */

/** Curves of all classes, or of one. */
export function ablationChartData(
  { original, curves }: Pick<ClassAblation, 'original' | 'curves'>,
  repeats: number,
  className?: string,
): AblationChartData {
  return {
    original,
    ...(className === undefined ? {} : { className }),
    curves: curves.map(({ name, points }) => {
      const removed = points.map((point) => point.removed)
      return {
        name,
        selected: { removed, accuracy: points.map((point) => point.accuracy) },
        random: {
          removed,
          mean: points.map((point) => point.random),
          low: points.map((point) => point.randomLow),
          high: points.map((point) => point.randomHigh),
          repeats,
        },
      }
    }),
  }
}

/** What removing the features of each class does. */
export function classwiseChartData(curve: AblationCurve, classes: readonly string[]): ClasswiseChartData {
  return {
    classes: curve.classwise.map((effect) => ({
      name: classes[effect.classIndex] ?? String(effect.classIndex),
      onClass: { value: effect.lossOwn },
      onOthers: { value: effect.lossOthers },
      onClassRandom: { value: effect.lossRandom, low: effect.lossRandomLow, high: effect.lossRandomHigh },
    })),
  }
}
