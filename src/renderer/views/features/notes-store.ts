import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { FeatureName, FeatureNote } from '../../../shared/results.ts'
import { useHost } from '../../api/host.ts'
import { useProjectStore } from '../../stores/project.ts'
import { noteKey, type NotesByFeature } from './feature-list.ts'

/** What the user wrote about features of the open project. */
export const useFeatureNotesStore = defineStore('feature-notes', () => {
  const host = useHost()
  const project = useProjectStore()
  const list = shallowRef<readonly FeatureNote[]>([])
  /** Why the notes cannot be read. */
  const error = shallowRef<unknown>(null)
  const byFeature = computed<NotesByFeature>(() => new Map(list.value.map((note) => [noteKey(note), note])))

  async function load(): Promise<void> {
    const { generation } = project
    list.value = []
    error.value = null
    if (!project.isOpen) return
    try {
      const notes = await host.call('notes.list')
      if (generation === project.generation) list.value = notes
    } catch (thrown) {
      if (generation === project.generation) error.value = thrown
    }
  }

  function of(feature: Pick<FeatureName, 'layerNumber' | 'channel'>): FeatureNote {
    const { layerNumber, channel } = feature
    return byFeature.value.get(noteKey(feature)) ?? { layerNumber, channel, text: '', pinned: false }
  }

  let latest: Promise<unknown> = Promise.resolve()

  /**
   * Changes one or both parts of a feature's note. A click on the pin also ends the typing of a text: each change
   * waits for the one before, so that neither is written over with what the note was earlier. Throws VebiError.
   */
  function change(
    feature: Pick<FeatureName, 'layerNumber' | 'channel'>,
    parts: Partial<Pick<FeatureNote, 'text' | 'pinned'>>,
  ): Promise<void> {
    const { generation } = project
    const changed = latest.then(async () => {
      if (generation !== project.generation) return
      const notes = await host.call('notes.set', { ...of(feature), ...parts })
      if (generation === project.generation) list.value = notes
    })
    latest = changed.catch(() => {})
    return changed
  }

  watch(() => project.generation, load, { immediate: true })

  return { list, byFeature, error, load, of, change }
})
