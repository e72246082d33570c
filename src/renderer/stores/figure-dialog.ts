import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { FigureSpec, StoredFigure } from '../../shared/figures.ts'

/** What the figure dialog shows; it is mounted once, by the shell. */
export const useFigureDialogStore = defineStore('figure-dialog', () => {
  const spec = shallowRef<FigureSpec | null>(null)
  const suggestedName = ref('figure')
  /** The figure of the project that is changed; null: a new one. */
  const figure = shallowRef<StoredFigure | null>(null)
  /** Rises whenever the figures of the project have changed. */
  const changes = ref(0)

  function open(drawn: FigureSpec, name: string): void {
    figure.value = null
    suggestedName.value = name
    spec.value = drawn
  }

  /** Opens it on a figure of the project. */
  function edit(stored: StoredFigure): void {
    figure.value = stored
    suggestedName.value = stored.name
    spec.value = stored.spec
  }

  function close(): void {
    spec.value = null
    figure.value = null
  }

  return { spec, suggestedName, figure, changes, open, edit, close }
})
