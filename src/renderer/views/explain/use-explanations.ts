import { computed, type ComputedRef } from 'vue'
import type { HeatmapMethod } from '../../../shared/jobs.ts'
import type { ImageId } from '../../../shared/images.ts'
import type { ComputedExplanation } from '../../../shared/results.ts'
import { useResult, type Result } from '../../composables/use-result.ts'
import { useExplainDisplayStore } from './display-store.ts'
import { METHODS } from './methods.ts'

/** A chosen method with its answer. */
export interface MethodResult {
  readonly method: HeatmapMethod
  readonly label: string
  readonly note: string
  readonly result: Result<ComputedExplanation>
}

/**
 * The explanations of an image by the methods that are chosen, one question at a time for each: whoever runs through
 * images gets the answer for the last.
 */
export function useExplanations(
  image: () => ImageId | null,
  classIndex: () => number | null,
): ComputedRef<readonly MethodResult[]> {
  const display = useExplainDisplayStore()
  const all = METHODS.map((described) => ({
    ...described,
    result: useResult(
      'explanations.compute',
      () => {
        const id = image()
        if (id === null || !display.methods.includes(described.method)) return null
        const { explanation } = display
        return { explanation, image: id, classIndex: classIndex(), method: described.method }
      },
      { oneAtATime: true },
    ),
  }))
  return computed(() => all.filter(({ method }) => display.methods.includes(method)))
}
