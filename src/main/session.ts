import { join } from 'node:path'
import { VebiError } from '../shared/errors.ts'
import type { Emit } from '../shared/contract.ts'
import type { ProjectConfig } from '../shared/project.ts'
import type { RecentProject } from '../shared/folders.ts'
import type { NewProject, ProjectInfo } from '../shared/project-info.ts'
import { acquireProject, createProject, type Listening } from './app.ts'
import { demoFolder, prepareDemo } from './demo.ts'
import { DraftWorkbench } from './draft-workbench.ts'
import { describeImages } from './jobs/image-set.ts'
import { MuPaths } from './jobs/mu-paths.ts'
import type { Project } from './jobs/project.ts'
import { ownLayers, setOwnLayers } from './jobs/own-layers.ts'
import { JobQueue } from './jobs/queue.ts'
import { ResponseStatistics } from './jobs/response-statistics.ts'
import { progressReporter } from './jobs/runner.ts'
import { RecentProjects } from './recent.ts'
import { userFolder } from './user-folder.ts'

/** An open project with what serves it. */
export interface Workbench {
  readonly project: Project
  readonly queue: JobQueue
  readonly paths: MuPaths
  readonly responses: ResponseStatistics
}

interface OpenWorkbench extends Workbench {
  /** Releases model, engine memory, database and lock. */
  readonly release: () => void
}

interface Preparing {
  readonly signal: AbortSignal
  readonly onProgress: NonNullable<Listening['onProgress']>
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
 * What one window works with: at most one open project and its jobs, and a draft of the next. Making and opening take
 * time and can be ended by `close`.
 */
export class Session {
  readonly draft: DraftWorkbench
  private readonly recent = new RecentProjects(join(userFolder(), 'recent.json'))
  private readonly emit: Emit
  private readonly onFault: (error: unknown) => void
  private open: OpenWorkbench | undefined
  /** The opening or making under way. */
  private preparing: { readonly controller: AbortController; readonly done: Promise<unknown> } | undefined
  private closing: Promise<void> | undefined
  /** Answers under way that need the open project; it is not released before they end. */
  private readonly answers = new Set<Promise<unknown>>()

  constructor(emit: Emit, onFault: (error: unknown) => void) {
    this.emit = emit
    this.onFault = onFault
    this.draft = new DraftWorkbench((phase, done, total) => this.emit('project.progress', { phase, done, total }))
  }

  /** Throws VebiError('not-ready') where no project is open. */
  get workbench(): Workbench {
    if (this.open && !this.closing) return this.open
    throw new VebiError('not-ready', 'No project is open.')
  }

  get project(): Project {
    return this.workbench.project
  }

  /** For answers that take several turns: closing waits for them, so that nothing is released under their hands. */
  answer<Result>(work: (project: Project) => Promise<Result>): Promise<Result> {
    const answer = work(this.project)
    this.answers.add(answer)
    const done = (): void => void this.answers.delete(answer)
    answer.then(done, done)
    return answer
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
        responses: new ResponseStatistics(project),
        queue: new JobQueue(project, {
          onState: (job) => this.emit('job.state', job),
          onProgress: (id, progress) => this.emit('job.progress', { id, progress }),
          onFault: this.onFault,
        }),
      }))
      this.remember(this.open.project.folder)
      return this.announce(this.open.project)
    })
  }

  /** Makes what the built-in demo lacks, in the user's own folder, and returns the folder of its project. */
  prepareDemo(): Promise<string> {
    return this.prepare(({ signal, onProgress }) => {
      const report = progressReporter(({ phase, done, total }) => onProgress(phase, done, total))
      const out = demoFolder(userFolder())
      return prepareDemo({ out, variant: 'single-6c' }, { signal, report })
    })
  }

  setOwnLayers(layers: string): ProjectInfo {
    const { project } = this
    setOwnLayers(project, layers)
    return this.announce(project)
  }

  recentProjects(): Promise<readonly RecentProject[]> {
    return this.recent.list()
  }

  forgetRecent(folder: string): Promise<readonly RecentProject[]> {
    this.recent.remove(folder)
    return this.recentProjects()
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
      open.responses.close()
      await open.queue.close()
      await Promise.allSettled(this.answers)
    } finally {
      open.release()
      this.open = undefined
      this.emit('project.changed', null)
    }
  }

  private announce(project: Project): ProjectInfo {
    const info = describeProject(project)
    this.emit('project.changed', info)
    return info
  }

  /** A list that cannot be written is no reason not to open a project. */
  private remember(folder: string): void {
    try {
      this.recent.record(folder)
    } catch (error) {
      this.onFault(error)
    }
  }

  private async prepare<Result>(work: (listening: Preparing) => Promise<Result>): Promise<Result> {
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

function describeProject(project: Project): ProjectInfo {
  const { folder, config, engine, train, test } = project
  return {
    folder,
    config,
    ownLayers: ownLayers(project),
    engine,
    train: describeImages(train),
    test: describeImages(test),
  }
}
