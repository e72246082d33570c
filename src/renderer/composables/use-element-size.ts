import { onScopeDispose, shallowReadonly, shallowReactive, watch, type Ref } from 'vue'

/** Size of an element's content box in CSS pixels, kept up to date; 0 until it is measured. */
export function useElementSize(element: Ref<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const size = shallowReactive({ width: 0, height: 0 })
  const observer = new ResizeObserver((entries) => {
    const box = entries.at(-1)?.contentRect
    if (box) Object.assign(size, { width: box.width, height: box.height })
  })
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => observer.disconnect())
  return shallowReadonly(size)
}
