import { VebiError } from '../shared/errors.ts'
import type { Emit } from '../shared/contract.ts'
import type { ProjectConfig } from '../shared/project.ts'
import type { ImageSetInfo, NewProject, ProjectInfo } from '../shared/results.ts'
import { acquireProject, createProject, type Listening } from './app.ts'
import type { ImageSource } from './data/types.ts'
import { MuPaths } from './jobs/mu-paths.ts'
import type { Project } from './jobs/project.ts'
import { JobQueue } from './jobs/queue.ts'

/** An open project with what serves it. */
export interface Workbench {
  readonly project: Project
  readonly queue: JobQueue
  readonly paths: MuPaths
}

interface OpenWorkbench extends Workbench {
  /** Releases model, engine memory, database and lock. */
  readonly release: () => void
}

/** Opens the project in `folder` until it is released. Throws as `acquireProject`. */
export async function openWorkbench(
  folder: string,
  listening: Listening,
  serve: (project: Project) => Workbench,
): Promise<OpenWorkbench> {
  const { project, release } = await acquireProject(folder, listening)
  try {
    return { ...serve(project), release }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * What one window works with: at most one open project and its jobs. Making and opening take time and can be ended
 * by `close`.
 */
export class Session {
  private readonly emit: Emit
  private readonly onFault: (error: unknown) => void
  private open: OpenWorkbench | undefined
  /** The opening or making under way. */
  private preparing: { readonly controller: AbortController; readonly done: Promise<unknown> } | undefined
  private closing: Promise<void> | undefined

  constructor(emit: Emit, onFault: (error: unknown) => void) {
    this.emit = emit
    this.onFault = onFault
  }

  /** Throws VebiError('not-ready') where no project is open. */
  get workbench(): Workbench {
    if (this.open && !this.closing) return this.open
    throw new VebiError('not-ready', 'No project is open.')
  }

  get project(): Project {
    return this.workbench.project
  }

  /** Null where no project is open. */
  info(): ProjectInfo | null {
    return this.open && !this.closing ? describeProject(this.open.project) : null
  }

  createProject({ folder, ...options }: NewProject): Promise<ProjectConfig> {
    return this.prepare((listening) => createProject(folder, options, listening))
  }

  async openProject(folder: string): Promise<ProjectInfo> {
    if (this.open) throw new VebiError('busy', `${this.open.project.folder} is open: close it first.`)
    return this.prepare(async (listening) => {
      this.open = await openWorkbench(folder, listening, (project) => ({
        project,
        paths: new MuPaths(project),
        queue: new JobQueue(project, {
          onState: (job) => this.emit('job.state', job),
          onProgress: (id, progress) => this.emit('job.progress', { id, progress }),
          onFault: this.onFault,
        }),
      }))
      const info = describeProject(this.open.project)
      this.emit('project.changed', info)
      return info
    })
  }

  /** Ends what is under way and closes the project; does nothing where there is none. */
  close(): Promise<void> {
    this.closing ??= this.closeAll().finally(() => (this.closing = undefined))
    return this.closing
  }

  private async closeAll(): Promise<void> {
    this.preparing?.controller.abort()
    await this.preparing?.done.catch(() => {})
    const { open } = this
    if (!open) return
    try {
      await open.queue.close()
    } finally {
      open.release()
      this.open = undefined
      this.emit('project.changed', null)
    }
  }

  private async prepare<Result>(work: (listening: Listening) => Promise<Result>): Promise<Result> {
    if (this.preparing) throw new VebiError('busy', 'Another project is just being made or opened.')
    const controller = new AbortController()
    const done = work({
      signal: controller.signal,
      onProgress: (phase, done, total) => this.emit('project.progress', { phase, done, total }),
    })
    this.preparing = { controller, done }
    try {
      return await done
    } finally {
      this.preparing = undefined
    }
  }
}

function describeProject({ folder, config, engine, train, test }: Project): ProjectInfo {
  return { folder, config, engine, train: describeImages(train), test: describeImages(test) }
}

function describeImages({ records, classes, notes }: ImageSource): ImageSetInfo {
  const perClass = classes.map(() => 0)
  for (const { label } of records) perClass[label]++
  return { images: records.length, perClass, masks: records.filter(({ hasMask }) => hasMask).length, notes }
}
