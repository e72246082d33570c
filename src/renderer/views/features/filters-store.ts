import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { useAnalysisStore } from '../../stores/analysis.ts'
import { useProjectStore } from '../../stores/project.ts'
import type { FeatureFilter } from './feature-list.ts'

/** With more classes than these, one class is shown first: the features of all of them are many. */
const MOST_CLASSES_TOGETHER = 50

const EVERYTHING: FeatureFilter = {
  layerNumber: null,
  pinnedOnly: false,
  notedOnly: false,
  pinnedFirst: true,
  order: 'weight',
}

/** What the grid of features shows; kept while other screens are looked at. */
export const useFeatureFiltersStore = defineStore('feature-filters', () => {
  const project = useProjectStore()
  const analysis = useAnalysisStore()
  const filter = shallowRef<FeatureFilter>(EVERYTHING)
  const allClasses = ref(true)

  /** Null: features relevant to any class. The class itself is shared with the other screens. */
  const classIndex = computed<number | null>({
    get: () => (allClasses.value ? null : analysis.classIndex),
    set(index) {
      allClasses.value = index === null
      if (index !== null) analysis.classIndex = index
      set({ layerNumber: null })
    },
  })

  function set(changes: Partial<FeatureFilter>): void {
    filter.value = { ...filter.value, ...changes }
  }

  /** Takes away what hides features; the order stays. */
  function clear(): void {
    set({ layerNumber: null, pinnedOnly: false, notedOnly: false })
  }

  watch(
    () => project.generation,
    () => {
      filter.value = EVERYTHING
      allClasses.value = project.classes.length <= MOST_CLASSES_TOGETHER
    },
    { immediate: true },
  )

  return { filter, classIndex, set, clear }
})
