import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { checkSpecOf, LISTED_NAMES } from '../../../shared/check-list.ts'
import type { CheckName, CheckSpec } from '../../../shared/checks.ts'
import { useAnalysisStore } from '../../stores/analysis.ts'

/** How the checks are run and which of them are unfolded; kept while other screens are looked at. */
export const useChecksStore = defineStore('checks', () => {
  const analysis = useAnalysisStore()
  /** Test images of each check that looks at some; null: all; undefined: as each check is set. */
  const images = ref<number | null | undefined>(undefined)
  /** Draws of each check that draws; undefined: as each check is set. */
  const repeats = ref<number | undefined>(undefined)
  const unfolded = shallowRef<ReadonlySet<CheckName>>(new Set())

  const specs = computed<Readonly<Record<CheckName, CheckSpec>>>(() => {
    const changes = { images: images.value, repeats: repeats.value }
    const entries = LISTED_NAMES.map((name) => [
      name,
      checkSpecOf(name, analysis.selection, analysis.options, changes),
    ])
    return Object.fromEntries(entries) as Record<CheckName, CheckSpec>
  })

  function fold(names: readonly CheckName[], open: boolean): void {
    const next = new Set(unfolded.value)
    for (const name of names) {
      if (open) next.add(name)
      else next.delete(name)
    }
    unfolded.value = next
  }

  return { images, repeats, unfolded, specs, fold }
})
