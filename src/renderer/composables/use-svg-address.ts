import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** Address of an SVG text for an `<img>`, in which no script of it runs; empty where there is none. */
export function useSvgAddress(svg: () => string | null): Readonly<Ref<string>> {
  const address = ref('')
  const release = (): void => {
    if (address.value !== '') URL.revokeObjectURL(address.value)
  }
  watch(
    svg,
    (text) => {
      release()
      address.value = text === null ? '' : URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
    },
    { immediate: true },
  )
  onScopeDispose(release)
  return address
}
