import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { reasonOf, VebiError } from '../../shared/errors.ts'

export interface Notice {
  readonly title: string
  readonly sentence: string
  readonly type: 'success' | 'warning' | 'error'
}

/** News that belong to no place on the screen: spoken to screen readers, and shown where they need to be seen. */
export const useNoticesStore = defineStore('notices', () => {
  /** For the polite live region of the shell. */
  const spoken = ref('')
  /** What `App.vue` shows in the corner. */
  const latest = shallowRef<Notice | null>(null)

  /** Told to screen readers alone. */
  function say(sentence: string): void {
    spoken.value = sentence
  }

  function show(title: string, sentence: string, type: Notice['type']): void {
    latest.value = { title, sentence, type }
  }

  /** An error of something that the user did where there is no better place for it. */
  function fail(title: string, error: unknown): void {
    if (error instanceof VebiError && error.code === 'cancelled') return
    show(title, reasonOf(error), 'error')
  }

  return { spoken, latest, say, show, fail }
})
