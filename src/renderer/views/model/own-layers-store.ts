import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useProjectStore } from '../../stores/project.ts'

/** The user's own layer set as it is being written; what is not in use yet stays while other screens are looked at. */
export const useOwnLayersStore = defineStore('own-layers', () => {
  const project = useProjectStore()
  const text = ref('')
  watch(
    [() => project.generation, () => project.info?.ownLayers],
    () => (text.value = project.info?.ownLayers ?? ''),
    { immediate: true, flush: 'sync' },
  )
  return { text }
})
