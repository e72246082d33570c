import { specsOf, type AnalysisOptions } from '../../shared/analysis.ts'
import { VebiError } from '../../shared/errors.ts'
import type { ExplanationSpec, JobKind, JobSpecs } from '../../shared/jobs.ts'
import type { AblationResult, EvaluationResult } from '../../shared/results.ts'
import { ablate } from './ablation.ts'
import { average, type FeatureAverage } from './averages.ts'
import { evaluate } from './evaluation.ts'
import { explain, type Explanation } from './explanation.ts'
import { extract, type ExtractionSummary } from './extraction.ts'
import type { Project } from './project.ts'
import { progressReporter, type JobContext } from './runner.ts'
import { select, type Selection } from './selection.ts'

export async function explanationSpec(project: Project, options: AnalysisOptions): Promise<ExplanationSpec> {
  const { selection, topFeatures, strideCorrection, reduction } = specsOf(options).evaluation
  const images = options.images ?? (await firstOfEachClass(project))
  return { selection, images, topFeatures, rule: options.rule, strideCorrection, reduction }
}

/** Everything an analysis yields; `masks` is null without masks. */
export interface AnalysisResult {
  readonly extraction: ExtractionSummary
  readonly selections: readonly Selection[]
  readonly ablation: AblationResult
  readonly averages: ReadonlyMap<number, FeatureAverage>
  readonly explanations: readonly Explanation[]
  readonly masks: EvaluationResult | null
}

/** Runs all steps; what is stored already is read. */
export async function analyse(
  project: Project,
  options: AnalysisOptions,
  context: JobContext,
): Promise<AnalysisResult> {
  const specs = specsOf(options)
  const extraction = await tracked(project, 'extraction', specs.extraction, context, extract)
  const selections: Selection[] = []
  for (const spec of specs.selections) selections.push(await tracked(project, 'selection', spec, context, select))
  const ablation = await tracked(project, 'ablation', specs.ablation, context, ablate)
  const averages = await tracked(project, 'averages', specs.averages, context, average)
  const explanations = await tracked(project, 'explanation', await explanationSpec(project, options), context, explain)
  const masks = project.test.records.some((record) => record.hasMask)
    ? await tracked(project, 'evaluation', specs.evaluation, context, evaluate)
    : null
  return { extraction, selections, ablation, averages, explanations, masks }
}

/** Least time between two records of one job's progress: each is a commit to disk. */
const RECORD_INTERVAL = 2000

/** Runs a job and keeps its record in the project: state, progress, and why it ended. */
export async function tracked<Kind extends JobKind, Result>(
  project: Project,
  kind: Kind,
  spec: JobSpecs[Kind],
  context: JobContext,
  run: (project: Project, spec: JobSpecs[Kind], context: JobContext) => Promise<Result>,
): Promise<Result> {
  const { jobs } = project.store
  const id = jobs.add(kind, spec)
  jobs.start(id)
  let recorded = performance.now()
  const record = progressReporter((progress) => {
    if (performance.now() - recorded < RECORD_INTERVAL) return
    recorded = performance.now()
    jobs.progress(id, progress)
  })
  try {
    const result = await run(project, spec, {
      signal: context.signal,
      report: (step) => {
        record(step)
        context.report(step)
      },
    })
    jobs.end(id, 'finished')
    return result
  } catch (error) {
    const cancelled = error instanceof VebiError && error.code === 'cancelled'
    try {
      jobs.end(id, cancelled ? 'cancelled' : 'failed', error instanceof Error ? error.message : String(error))
    } catch {
      // The disk may be full: the reason the job failed matters more than its record.
    }
    throw error
  }
}

/** Classes that are explained where the user names no images. */
const MOST_CLASSES = 12

/** The first test image of each class that can be read. */
async function firstOfEachClass({ test, config }: Project): Promise<number[]> {
  const first: number[] = []
  for (let label = 0; label < config.classes.length && first.length < MOST_CLASSES; label++) {
    for (const [index, record] of test.records.entries()) {
      if (
        record.label !== label ||
        !(await test.read(index).then(
          () => true,
          () => false,
        ))
      )
        continue
      first.push(index)
      break
    }
  }
  return first
}
