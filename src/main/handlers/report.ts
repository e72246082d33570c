import { writtenReport } from '../jobs/stored-report.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function reportHandlers(session: Session): HandlersOf<'report'> {
  return { 'report.written': ({ job }) => writtenReport(session.project, job) }
}
