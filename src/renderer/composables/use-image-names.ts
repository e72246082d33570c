import { shallowReactive } from 'vue'
import type { ImageId, ImageInfo } from '../../shared/images.ts'
import { useHost } from '../api/host.ts'
import { useProjectStore } from '../stores/project.ts'

/** Names and labels of training and test images by id, asked for when they are needed for the first time. */
export function useImageNames(): { of: (image: ImageId) => ImageInfo | null } {
  const host = useHost()
  const project = useProjectStore()
  const known = shallowReactive(new Map<string, ImageInfo | null>())

  async function ask(image: ImageId, key: string): Promise<void> {
    const [role, index] = image.split('/')
    if (role !== 'train' && role !== 'test') return
    try {
      // The list of all classes is in the order of the data, as the ids are.
      const page = await host.call('images.list', { role, classIndex: null, offset: Number(index), limit: 1 })
      known.set(key, page.items[0] ?? null)
    } catch {
      // The id stands for the name.
    }
  }

  return {
    of(image) {
      const key = `${project.generation} ${image}`
      if (!known.has(key)) {
        known.set(key, null)
        void ask(image, key)
      }
      return known.get(key) ?? null
    },
  }
}
