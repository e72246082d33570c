import { rmSync } from 'node:fs'
import { afterAll, beforeAll } from 'vitest'
import type { NewProject } from '../../shared/project-info.ts'
import { recordedWorkbench } from './recorder.ts'
import { writeTinyProject } from './tiny-project.ts'

/** A recorded workbench with a tiny project open for the tests of one file; both are gone after them. */
export function tinyWorkbench() {
  const { close, ...recorded } = recordedWorkbench()
  let made: { readonly root: string; readonly options: NewProject }

  beforeAll(async () => {
    made = await writeTinyProject()
    await recorded.call('project.create', made.options)
    await recorded.call('project.open', { folder: made.options.folder })
  })

  afterAll(async () => {
    await close()
    rmSync(made.root, { recursive: true, force: true })
  })

  /** The folder around the project's, and what the project was made from; from the first test on. */
  return { ...recorded, root: () => made.root, project: () => made.options }
}
