import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import { specsOf } from '../../shared/analysis.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { ReportResult, ReportSpec } from '../../shared/report.ts'
import { writeOutput } from '../figures/files.ts'
import { reportPage } from '../report/page.ts'
import type { Report, ReportSection } from '../report/types.ts'
import { describeSelection, listed } from './figure-captions.ts'
import { MuPaths } from './mu-paths.ts'
import type { Project } from './project.ts'
import { checkSections } from './report-checks.ts'
import type { Gathering } from './report-parts.ts'
import {
  ablationSection,
  averagesSection,
  evaluationSection,
  explanationsSection,
  projectSection,
  selectionSection,
  settingsSection,
} from './report-sections.ts'
import { ResponseStatistics } from './response-statistics.ts'
import type { JobContext } from './runner.ts'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

/**
 * Writes everything that is stored of an analysis as one page, which needs no other file. What is not computed is
 * named. The same results give the same bytes; a failure or a cancel leaves a file of that name as it was.
 */
export async function writeReport(project: Project, spec: ReportSpec, context: JobContext): Promise<ReportResult> {
  const missing: string[] = []
  const report = await gather(project, spec, context, missing)
  throwIfCancelled(context.signal)
  const bytes = new TextEncoder().encode(reportPage(report))
  await writeOutput(dirname(spec.file), basename(spec.file), bytes)
  return {
    file: spec.file,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    figures: report.sections.flatMap(({ parts }) => parts).filter(({ kind }) => kind === 'figure').length,
    missing,
  }
}

async function gather(project: Project, spec: ReportSpec, context: JobContext, missing: string[]): Promise<Report> {
  const sources = { paths: new MuPaths(project), responses: new ResponseStatistics(project) }
  // Parts of the steps: an explanation of each class is the most there is.
  const total = 7 + 2 * spec.options.sets.length + explainedImages(project, spec) + spec.checks.length
  let done = 0
  const step = (): void => {
    done = Math.min(total, done + 1)
    context.report({ phase: 'report', done, total, unit: 'parts' })
  }
  const gathering: Gathering = { project, sources, spec, context, missing, step }
  try {
    const sections: ReportSection[] = [
      await projectSection(gathering),
      await selectionSection(gathering),
      await ablationSection(gathering),
      await averagesSection(gathering),
      await explanationsSection(gathering),
    ]
    const evaluation = await evaluationSection(gathering)
    if (evaluation) sections.push(evaluation)
    sections.push(...(await checkSections(gathering)))
    const { name, version: engineVersion } = project.engine
    sections.push(settingsSection(gathering, { VEBI: version, Node: process.version, [name]: engineVersion }))
    context.report({ phase: 'report', done: total, total, unit: 'parts' })
    return { title: `VEBI report: ${basename(project.folder)}`, facts: factsOf(project, spec, missing), sections }
  } finally {
    sources.responses.close()
  }
}

function explainedImages(project: Project, { options }: ReportSpec): number {
  return options.images?.length ?? Math.min(12, project.config.classes.length)
}

function factsOf({ config }: Project, { options }: ReportSpec, missing: readonly string[]): [string, string][] {
  const { selections } = specsOf(options)
  const [first] = selections
  if (!first) throw new VebiError('bad-argument', 'Name at least one layer set.')
  return [
    ['Classes', listed(config.classes.length > 20 ? [...config.classes.slice(0, 20), `${config.classes.length - 20} more`] : config.classes)],
    ['Layer sets', listed(options.sets)],
    ['Selection', describeSelection(first)],
    ...(missing.length > 0 ? [['Not computed', `${listed(missing)}.`] as [string, string]] : []),
  ]
}
