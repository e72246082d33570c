import { nextTick } from 'vue'
import { useRouter } from 'vue-router'
import type { ImageId } from '../../shared/images.ts'
import { useHost } from '../api/host.ts'
import { planDrop, type Dropped } from '../lib/dropped.ts'
import { useNoticesStore } from '../stores/notices.ts'
import { useProjectStore } from '../stores/project.ts'
import { useCommands } from './use-commands.ts'

const MOST_IMAGE_BYTES = 64 * 2 ** 20

/**
 * What to do with dropped files: a project is opened, a model begins a new project, an image is added to the open
 * project and explained. A browser tells no paths: there a project or a model is chosen in a dialog of the page.
 */
export function useDrop(): {
  take: (dropped: Promise<readonly Dropped[]>) => Promise<void>
  takePath: (path: string) => Promise<void>
} {
  const host = useHost()
  const router = useRouter()
  const project = useProjectStore()
  const notices = useNoticesStore()
  const commands = useCommands()

  async function take(reading: Promise<readonly Dropped[]>): Promise<void> {
    let name = 'The drop'
    try {
      const dropped = await reading
      name = dropped[0]?.file.name ?? name
      const plan = planDrop(dropped, host.pathOf)
      if (plan?.kind === 'explain') await addImages(plan.files)
      else if (plan?.kind === 'path') await takePath(plan.path)
      else if (plan) await chooseByHand(plan.what, plan.name)
    } catch (error) {
      notices.fail(name, error)
    }
  }

  async function chooseByHand(what: 'project' | 'ingredient', name: string): Promise<void> {
    const where = what === 'project' ? 'open the project in this dialog' : 'choose its path on this screen'
    if (what === 'project') commands.run('open-project')
    else await router.push({ name: 'new-project', query: { choose: 'model' } })
    // After the dialog, so that it stands before it.
    await nextTick()
    notices.show(name, `A browser does not tell where a dropped file or folder lies: ${where}.`, 'warning')
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
