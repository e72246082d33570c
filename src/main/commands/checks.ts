import { InvalidArgumentError, Option, type Command } from 'commander'
import { specsOf } from '../../shared/analysis.ts'
import { cellText } from '../../shared/check-cell.ts'
import { checkSpecOf, isCheckName, LISTED_CHECKS, LISTED_NAMES, VERDICT_WORDS } from '../../shared/check-list.ts'
import type { CheckName, CheckResult, CheckSpec, CheckTable } from '../../shared/checks.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { withProject } from '../app.ts'
import { tracked } from '../jobs/analysis.ts'
import { runCheck } from '../jobs/checks/index.ts'
import { evaluate } from '../jobs/evaluation.ts'
import { describeCheck } from '../jobs/figure-checks.ts'
import { maskedImages } from '../jobs/masks.ts'
import type { Project } from '../jobs/project.ts'
import type { JobContext } from '../jobs/runner.ts'
import { analysisOf, seedOption, wholeNumber, withHeatmaps, withSelection, type AnalysisFlags } from './options.ts'
import { evaluationText, listening } from './project.ts'
import { note, say, table, withContext } from './terminal.ts'

/** Images are counted here, where an analysis names them. */
type CheckFlags = Omit<AnalysisFlags, 'images'> & { images?: number | 'all' }

/** Checks of the explanations and of the selection, or without a name the overlap of the explanations with masks. */
export function addCheckCommands(program: Command): void {
  withHeatmaps(withSelection(program.command('evaluate <project> [checks...]')))
    .description('how far explanations and selection can be trusted; without the name of a check: overlap with masks')
    .addOption(
      new Option('--images <n>', 'test images of each check, spread over all, or "all" (default: see the result)').argParser(
        imageCount,
      ),
    )
    .addOption(new Option('--repeats <n>', 'draws of what is random (default: see the result)').argParser(wholeNumber(1)))
    .addOption(seedOption())
    .addHelpText('after', `\nChecks:\n${checkHelp()}\n  all${' '.repeat(12)}each of them that the project allows`)
    .action(async (folder: string, names: string[], flags: CheckFlags) => {
      const wanted = checkNames(names)
      if (wanted.length === 0 && (flags.images !== undefined || flags.repeats !== undefined)) {
        throw new VebiError('bad-argument', '"--images" and "--repeats" belong to a check: name one, or "all".')
      }
      const { document, text, failed } = await withContext((context) =>
        withProject(folder, listening(context), (project) =>
          wanted.length === 0 ? overlap(project, flags, context) : runAll(project, wanted, names, flags, context),
        ),
      )
      say(flags.json, document, () => text)
      for (const sentence of failed) note(sentence)
      if (failed.length > 0) process.exitCode = 1
    })
}

interface Outcome {
  readonly document: unknown
  readonly text: string
  /** Why checks that were asked for have no result. */
  readonly failed: readonly string[]
}

async function overlap(project: Project, flags: CheckFlags, context: JobContext): Promise<Outcome> {
  const { evaluation } = specsOf(analysisOf(withoutImages(flags)))
  const result = await tracked(project, 'evaluation', evaluation, context, evaluate)
  return { document: result, text: evaluationText(result), failed: [] }
}

/** One after another; where several are asked for, one that fails does not keep the others from being run. */
async function runAll(
  project: Project,
  wanted: readonly CheckName[],
  names: readonly string[],
  flags: CheckFlags,
  context: JobContext,
): Promise<Outcome> {
  const options = analysisOf(withoutImages(flags))
  const { selection } = specsOf(options).evaluation
  const { repeats } = flags
  const images = flags.images === 'all' ? null : flags.images
  const masked = maskedImages(project.test).length > 0
  const found: { spec: CheckSpec; result: CheckResult }[] = []
  const failed: string[] = []
  for (const name of wanted) {
    if (names.includes('all') && !names.includes(name) && LISTED_CHECKS[name].needsMasks && !masked) {
      note(`"${name}" is left out: no test image of ${project.folder} has a mask.`)
      continue
    }
    const spec = checkSpecOf(name, selection, options, { images, repeats })
    try {
      found.push({ spec, result: await tracked(project, 'check', spec, context, runCheck) })
    } catch (error) {
      const mendable = error instanceof VebiError && error.code !== 'cancelled' && error.code !== 'internal'
      if (!mendable || wanted.length === 1) throw error
      failed.push(`The check "${name}" has no result: ${reasonOf(error)}`)
    }
  }
  const documents = found.map(({ spec, result }) => ({ spec, ...result }))
  return {
    document: names.length === 1 && !names.includes('all') ? documents[0] : documents,
    text: found.map(({ spec, result }) => checkText(spec, result)).join('\n\n'),
    failed,
  }
}

/** Sentence, settings, tables, and what it cannot show. */
export function checkText(spec: CheckSpec, result: CheckResult): string {
  const { title } = LISTED_CHECKS[spec.check]
  return [
    `${title} (${VERDICT_WORDS[result.verdict]})`,
    result.sentence,
    ...result.warnings.map((warning) => `Mind: ${warning}`),
    describeCheck(spec, result),
    ...result.tables.map((each) => `\n${tableText(each)}\n`),
    ...(result.limits.length > 0 ? ['What it cannot show:', ...result.limits.map((limit) => `- ${limit}`)] : []),
  ].join('\n')
}

/** Rows of a table on a terminal. */
const MOST_ROWS = 20

function tableText({ title, columns, rows }: CheckTable): string {
  const shown = rows.slice(0, MOST_ROWS)
  const left = rows.length - shown.length
  const text = table(
    columns.map((column) => column.title),
    shown.map((row) => row.map((cell, i) => cellText(cell, columns[i]?.decimals ?? null))),
    (column) => columns[column]?.decimals === null,
  )
  return [title, text, ...(left > 0 ? [`and ${left} more rows (--json has all)`] : [])].join('\n')
}

function checkNames(names: readonly string[]): CheckName[] {
  const unknown = names.find((name) => name !== 'all' && !isCheckName(name))
  if (unknown !== undefined) {
    throw new VebiError('bad-argument', `There is no check "${unknown}": name some of ${LISTED_NAMES.join(', ')}, or all.`)
  }
  return names.includes('all') ? [...LISTED_NAMES] : [...new Set(names.filter(isCheckName))]
}

function checkHelp(): string {
  return LISTED_NAMES.map((name) => `  ${name.padEnd(15)}${LISTED_CHECKS[name].question}`).join('\n')
}

/** Not null for all: commander takes a parser's null for a parser that failed. */
function imageCount(text: string): number | 'all' {
  if (text === 'all') return text
  try {
    return wholeNumber(1)(text)
  } catch {
    throw new InvalidArgumentError('It must be a whole number from 1 on, or "all".')
  }
}

function withoutImages(flags: CheckFlags): AnalysisFlags {
  const { images: _images, ...rest } = flags
  return rest
}
