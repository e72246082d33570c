import { VebiError } from '../../shared/errors.ts'
import type { JobSpecs } from '../../shared/jobs.ts'
import type { WorkKind } from '../../shared/work.ts'
import type { Project } from './project.ts'
import type { JobContext } from './runner.ts'

/**
 * The stored result of a job, which is never computed here: the job's own function reads it, with a store that refuses
 * new results and a signal that stops every computation before its first batch. Throws VebiError('not-ready') where
 * nothing complete is stored.
 */
export async function stored<Kind extends keyof JobSpecs, Result>(
  project: Project,
  kind: Kind,
  spec: JobSpecs[Kind],
  run: (project: Project, spec: JobSpecs[Kind], context: JobContext) => Promise<Result>,
): Promise<Result> {
  const missing = (): VebiError => notComputed(project, kind)
  const artifacts = {
    ...project.store.artifacts,
    begin: () => {
      throw missing()
    },
  }
  try {
    const reading: Project = { ...project, store: { ...project.store, artifacts } }
    return await run(reading, spec, { signal: STOPPED, report: () => {} })
  } catch (error) {
    throw error instanceof VebiError && error.code === 'cancelled' ? missing() : error
  }
}

export function notComputed(project: Project, kind: WorkKind): VebiError {
  return new VebiError(
    'not-ready',
    `This ${kind} has not been computed in ${project.folder}: start the job "${kind}" first.`,
  )
}

const STOPPED = AbortSignal.abort()
