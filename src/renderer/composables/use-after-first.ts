import { ref, watch, type Ref } from 'vue'
import { afterPaint } from '../lib/after-paint.ts'
import { whenIdle } from '../lib/when-idle.ts'

/**
 * Becomes true, and stays so, once what a screen leads with is there and painted, with the charts that are drawn after
 * it. Lists of choices and whatever lies below take as long to make as what one came for: they wait for this.
 *
 * @param isThere whether the first part has its answer, be it a refusal.
 */
export function useAfterFirst(isThere: () => boolean): Readonly<Ref<boolean>> {
  const follows = ref(false)
  const stop = watch(
    isThere,
    async (there) => {
      if (!there || follows.value) return
      await afterPaint()
      // A chart of the first part is drawn about now, and must be seen before the rest is made.
      await whenIdle()
      await afterPaint()
      follows.value = true
      stop()
    },
    { immediate: true },
  )
  return follows
}
