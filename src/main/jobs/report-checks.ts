import { CHECK_GROUPS, LISTED_CHECKS, VERDICT_WORDS } from '../../shared/check-list.ts'
import type { CheckResult, CheckSpec } from '../../shared/checks.ts'
import { VebiError } from '../../shared/errors.ts'
import type { ReportPart, ReportSection } from '../report/types.ts'
import { canonicalJson } from '../store/artifact-key.ts'
import { runCheck } from './checks/index.ts'
import { describeCheck } from './figure-checks.ts'
import type { Project } from './project.ts'
import { figurePart, partsOf, textPart, type Gathering } from './report-parts.ts'
import { reportTables } from './report-tables.ts'
import { stored } from './stored.ts'

/** A section for each group of checks that the report looks for. */
export async function checkSections(gathering: Gathering): Promise<ReportSection[]> {
  const sections: ReportSection[] = []
  for (const { id, title, checks } of CHECK_GROUPS) {
    const specs = gathering.spec.checks.filter(({ check }) => checks.includes(check))
    if (specs.length === 0) continue
    const parts: ReportPart[] = []
    for (const [index, spec] of specs.entries()) parts.push(...(await checkParts(gathering, spec, `${id}-${index + 1}`)))
    sections.push({ id: `checks-${id}`, title, parts })
  }
  return sections
}

async function checkParts(gathering: Gathering, wanted: CheckSpec, id: string): Promise<ReportPart[]> {
  const { title, question } = LISTED_CHECKS[wanted.check]
  const how = `Run it on the screen Evaluate, or with "vebi evaluate PROJECT ${wanted.check}".`
  const parts = await partsOf(gathering, title, how, async () => {
    const { spec, result } = await latest(gathering.project, wanted)
    const figures: ReportPart[] = []
    const settings = describeCheck(spec, result)
    for (const { id: chart } of result.charts) {
      const figure = await figurePart(gathering, { kind: 'check', check: spec, chart })
      // A caption holds for its figure alone; here finding and settings stand above it already.
      figures.push({ ...figure, caption: figure.caption.replace(` ${result.sentence} ${settings}`, '') })
    }
    return [
      { kind: 'verdict', verdict: result.verdict, text: VERDICT_WORDS[result.verdict] },
      textPart(result.sentence, 'lead'),
      ...result.warnings.map((warning) => textPart(warning, 'warning')),
      textPart(`Computed from ${settings}`),
      ...figures,
      ...reportTables(spec, result),
      ...(result.limits.length > 0
        ? [{ kind: 'list', title: 'What it cannot show:', items: result.limits } as const]
        : []),
    ]
  })
  return [{ kind: 'heading', id: `check-${id}`, title }, textPart(question), ...parts]
}

/** The check as asked for or, where it is not stored, as it was run last on other numbers of images and draws. */
async function latest(project: Project, wanted: CheckSpec): Promise<{ spec: CheckSpec; result: CheckResult }> {
  const read = async (spec: CheckSpec): Promise<{ spec: CheckSpec; result: CheckResult }> => ({
    spec,
    result: await stored(project, 'check', spec, runCheck),
  })
  try {
    return await read(wanted)
  } catch (error) {
    if (!(error instanceof VebiError) || error.code !== 'not-ready') throw error
    for (const { kind, spec } of project.store.jobs.list({ state: 'finished' })) {
      if (kind !== 'check') continue
      const other = spec as CheckSpec
      const { images, repeats } = other
      if (canonicalJson(other) !== canonicalJson({ ...wanted, images, repeats })) continue
      // Its result may have been deleted since.
      const found = await read(other).catch(() => null)
      if (found) return found
    }
    throw error
  }
}
