import { VebiError } from '../../shared/errors.ts'
import type { FigureExportResult, StoredFigure } from '../../shared/figures.ts'
import type { Project } from './project.ts'

/** Deletes all of them or, where one does not exist, none. Returns those that are left, oldest first. */
export function removeFigures(project: Project, ids: readonly number[]): StoredFigure[] {
  const { figures } = project.store
  const unknown = ids.find((id) => !figures.get(id))
  if (unknown !== undefined) throw new VebiError('bad-argument', `There is no figure ${unknown} in ${project.folder}.`)
  project.store.transaction(() => ids.forEach((id) => figures.remove(id)))
  return figures.list()
}

/** What a finished job of the kind `figures` wrote. */
export function writtenFigures(project: Project, id: number): FigureExportResult {
  const { jobs } = project.store
  const job = jobs.get(id)
  if (job?.kind !== 'figures') {
    throw new VebiError('bad-argument', `Job ${id} of ${project.folder} ${job ? 'writes no figures' : 'does not exist'}.`)
  }
  // Kept by the queue that ran the job.
  const result = jobs.result(id) as FigureExportResult | null
  if (result === null) throw new VebiError('not-ready', `Job ${id} has not written its figures: it is ${job.state}.`)
  return result
}
