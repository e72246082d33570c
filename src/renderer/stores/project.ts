import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Events } from '../../shared/contract.ts'
import type { ImageView } from '../../shared/image-address.ts'
import { imageAddress } from '../../shared/image-address.ts'
import type { RecentProject } from '../../shared/folders.ts'
import type { ImageId } from '../../shared/images.ts'
import type { NewProject, ProjectInfo } from '../../shared/project-info.ts'
import { useHost } from '../api/host.ts'
import { baseName } from '../lib/format.ts'

/** The open project, and those that were open before. */
export const useProjectStore = defineStore('project', () => {
  const host = useHost()
  const info = shallowRef<ProjectInfo | null>(null)
  const recent = shallowRef<readonly RecentProject[]>([])
  /** What is under way; null while nothing is. */
  const preparing = ref<'making' | 'opening' | 'closing' | null>(null)
  const progress = shallowRef<Events['project.progress'] | null>(null)
  /** Rises whenever another project is open, or the same one again. */
  const generation = ref(0)

  const isOpen = computed(() => info.value !== null)
  const folder = computed(() => info.value?.folder ?? null)
  const name = computed(() => (info.value === null ? '' : baseName(info.value.folder)))
  const classes = computed<readonly string[]>(() => info.value?.config.classes ?? [])
  const hasMasks = computed(() => (info.value?.test.masks ?? 0) > 0)

  function take(next: ProjectInfo | null): void {
    if (next?.folder !== info.value?.folder || next === null) generation.value++
    info.value = next
  }

  async function load(): Promise<void> {
    host.on('project.changed', take)
    host.on('project.progress', (step) => (progress.value = step))
    take(await host.call('project.info'))
    await loadRecent()
  }

  async function loadRecent(): Promise<void> {
    recent.value = await host.call('recent.list')
  }

  async function during<Result>(what: 'making' | 'opening' | 'closing', work: () => Promise<Result>): Promise<Result> {
    preparing.value = what
    progress.value = null
    try {
      return await work()
    } finally {
      preparing.value = null
      progress.value = null
    }
  }

  /** Opens a project in place of the one that is open. Throws VebiError. */
  function open(projectFolder: string): Promise<void> {
    return during('opening', async () => {
      if (info.value) await host.call('project.close')
      take(await host.call('project.open', { folder: projectFolder }))
      await loadRecent()
    })
  }

  /** Makes a project and opens it in place of the one that is open. Throws VebiError. */
  async function create(project: NewProject): Promise<void> {
    // A project that cannot be made must not cost the one that is open: `open` closes it.
    await during('making', () => host.call('project.create', project))
    await open(project.folder)
  }

  /** Makes the demo project where it is not there yet, and opens it. Throws VebiError. */
  async function openDemo(): Promise<void> {
    const { folder: demo } = await during('making', () => host.call('demo.prepare'))
    await open(demo)
  }

  /** Also ends making and opening. */
  function close(): Promise<void> {
    return during('closing', async () => {
      await host.call('project.close')
      take(null)
      await loadRecent()
    })
  }

  async function forget(projectFolder: string): Promise<void> {
    recent.value = await host.call('recent.remove', { folder: projectFolder })
  }

  /** Address of a picture for `<img src>`; `maxSide` in pixels of the picture. */
  function pictureAddress(image: ImageId, view: ImageView, maxSide: number): string {
    return imageAddress({ image, view, maxSide }, `${generation.value}-${PAGE_START}`)
  }

  return {
    info,
    recent,
    preparing,
    progress,
    generation,
    isOpen,
    folder,
    name,
    classes,
    hasMasks,
    load,
    loadRecent,
    open,
    create,
    openDemo,
    close,
    forget,
    pictureAddress,
  }
})

/** Another page may have shown another project under the same ids. */
const PAGE_START = Date.now().toString(36)
