import { VebiError } from '../../shared/errors.ts'
import type { ReportResult } from '../../shared/report.ts'
import type { Project } from './project.ts'

/** What a finished job of the kind `report` wrote. */
export function writtenReport(project: Project, id: number): ReportResult {
  const { jobs } = project.store
  const job = jobs.get(id)
  if (job?.kind !== 'report') {
    throw new VebiError('bad-argument', `Job ${id} of ${project.folder} ${job ? 'writes no report' : 'does not exist'}.`)
  }
  // Kept by the queue that ran the job.
  const result = jobs.result(id) as ReportResult | null
  if (result === null) throw new VebiError('not-ready', `Job ${id} has not written its report: it is ${job.state}.`)
  return result
}
