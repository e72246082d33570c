import { useRouter } from 'vue-router'
import type { ImageId } from '../../shared/results.ts'
import { useHost } from '../api/host.ts'
import { useNoticesStore } from '../stores/notices.ts'
import { useProjectStore } from '../stores/project.ts'

const MOST_IMAGE_BYTES = 64 * 2 ** 20
const IMAGE = /\.(png|jpe?g|webp)$/i

/**
 * What to do with dropped files: a project is opened, a model begins a new project, an image is added to the open
 * project and explained. A browser tells no paths, so it can do the last alone.
 */
export function useDrop(): {
  take: (files: readonly File[]) => Promise<void>
  takePath: (path: string) => Promise<void>
} {
  const host = useHost()
  const router = useRouter()
  const project = useProjectStore()
  const notices = useNoticesStore()

  async function take(files: readonly File[]): Promise<void> {
    const [first] = files
    if (!first) return
    try {
      if (files.every(({ name }) => IMAGE.test(name))) {
        await addImages(files)
        return
      }
      const path = host.pathOf(first)
      if (path !== null) await takePath(path)
      else {
        notices.show(
          first.name,
          'A browser does not tell where a dropped file or folder lies: choose its path in the dialog instead.',
          'warning',
        )
        await router.push({ name: 'new-project', query: { choose: 'model' } })
      }
    } catch (error) {
      notices.fail(first.name, error)
    }
  }

  async function takePath(path: string): Promise<void> {
    const { kind, sentence } = await host.call('files.identify', { path })
    switch (kind) {
      case 'project':
        await project.open(path)
        await router.push({ name: 'model' })
        return
      case 'model':
        await router.push({ name: 'new-project', query: { model: path } })
        return
      case 'images':
        await router.push({ name: 'new-project', query: { images: path } })
        return
      case 'image':
      case 'other':
      case 'missing':
        notices.show('Nothing is done with it', sentence, 'warning')
    }
  }

  async function addImages(files: readonly File[]): Promise<void> {
    if (!project.isOpen) {
      notices.show('No project is open', 'Open a project first, then drop images to have them explained.', 'warning')
      return
    }
    let last: ImageId | null = null
    for (const file of files) {
      if (file.size > MOST_IMAGE_BYTES) {
        notices.show(file.name, 'It is larger than 64 MiB, the most that is taken.', 'warning')
        continue
      }
      try {
        const bytes = new Uint8Array(await file.arrayBuffer())
        last = (await host.call('images.add', { name: file.name, bytes })).id
      } catch (error) {
        notices.fail(file.name, error)
      }
    }
    if (last === null) return
    const [role, index] = last.split('/')
    await router.push({ name: 'explain', params: { role, index } })
  }

  return { take, takePath }
}
