/**
 * The evaluation of the demo, for the README: both variants of an8Flower with the demo's networks, every check with its
 * defaults. Prints Markdown tables (overlap with masks beside the paper's, paired differences, what each check found),
 * times and peak memory. Everything is cached: run it again and it goes on, and a check that is stored has no time.
 *
 *   node scripts/study/an8flower.ts [folder, default vebi-an8flower] [--count N] [--images N|all] [--only name,...]
 *
 * --count: training images of each class; half as many are tested. The default tests 1008 images in both together.
 * --images: test images of each check (default: the check's own). --only: some of the checks.
 * The SHA-256 of the results tells whether two runs, in two folders, came to the same bytes.
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { FLOWER_VARIANTS, type FlowerVariant } from '../../src/core/an8flower/classes.ts'
import { withProject } from '../../src/main/app.ts'
import { withContext } from '../../src/main/commands/terminal.ts'
import { prepareDemo } from '../../src/main/demo.ts'
import { tracked } from '../../src/main/jobs/analysis.ts'
import { runCheck } from '../../src/main/jobs/checks/index.ts'
import { extract } from '../../src/main/jobs/extraction.ts'
import type { Project } from '../../src/main/jobs/project.ts'
import type { JobContext } from '../../src/main/jobs/runner.ts'
import { stored } from '../../src/main/jobs/stored.ts'
import { analysisDefaults, specsOf } from '../../src/shared/analysis.ts'
import { cellText } from '../../src/shared/check-cell.ts'
import { checkSpecOf, isCheckName, LISTED_CHECKS, LISTED_NAMES, VERDICT_WORDS } from '../../src/shared/check-list.ts'
import type { CheckName, CheckResult, CheckSpec } from '../../src/shared/checks.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '112' },
    images: { type: 'string' },
    only: { type: 'string', default: LISTED_NAMES.join() },
  },
})
const folder = positionals[0] ?? 'vebi-an8flower'
const count = Number(values.count)
const images = values.images === undefined ? undefined : values.images === 'all' ? null : Number(values.images)
const names = values.only.split(',').filter(isCheckName)

interface Evaluated {
  readonly variant: FlowerVariant
  readonly engine: string
  readonly testImages: number
  /** Of data, project and extraction. */
  readonly preparationSeconds: number
  /** `seconds` is null where the result was stored already. */
  readonly checks: readonly { readonly result: CheckResult; readonly seconds: number | null }[]
}

await withContext(async (context) => {
  const evaluated: Evaluated[] = []
  for (const variant of FLOWER_VARIANTS) evaluated.push(await evaluateVariant(variant, context))
  console.log(
    [
      ...(names.includes('iou') ? [overlapTable(evaluated), differencesTable(evaluated)] : []),
      ...evaluated.map(findings),
      timesTable(evaluated),
      summary(evaluated),
    ].join('\n\n'),
  )
})

async function evaluateVariant(variant: FlowerVariant, context: JobContext): Promise<Evaluated> {
  const options = analysisDefaults('paper')
  const began = performance.now()
  const project = await prepareDemo({ out: folder, variant, count }, context)
  return withProject(project, { signal: context.signal }, async (opened) => {
    const { extraction, selections } = specsOf(options)
    await tracked(opened, 'extraction', extraction, context, extract)
    const preparationSeconds = (performance.now() - began) / 1000
    const checks: { result: CheckResult; seconds: number | null }[] = []
    for (const name of names) {
      const spec = checkSpecOf(name, selections[0], options, { images })
      checks.push(await runOnce(opened, spec, context))
    }
    const { name, version } = opened.engine
    return {
      variant,
      engine: `${name} ${version}`,
      testImages: opened.test.records.length,
      preparationSeconds,
      checks,
    }
  })
}

async function runOnce(project: Project, spec: CheckSpec, context: JobContext): Promise<Evaluated['checks'][number]> {
  const known = await stored(project, 'check', spec, runCheck).catch(() => null)
  if (known) return { result: known, seconds: null }
  const began = performance.now()
  const result = await tracked(project, 'check', spec, context, runCheck)
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(`${LISTED_CHECKS[spec.check].title}: ${seconds.toFixed(1)} s\n`)
  return { result, seconds }
}

/** Area under the IoU curve of every kind of map, with the paper's where it has one. */
function overlapTable(evaluated: readonly Evaluated[]): string {
  const header = evaluated.flatMap(({ variant, testImages }) => [`${variant} (${testImages} images)`, 'paper'])
  return markdown(['area under IoU (95 % interval)', ...header], mergedRows(evaluated, 'scores', 'heatmap', (result, name) => {
    const paper = cells(result, 'paper', name)?.['paper']
    return [interval(cells(result, 'scores', name), 'area'), paper === undefined ? '' : cellText(paper, 2)]
  }))
}

/** How far the heatmaps of the default correction are above each other map, paired by image. */
function differencesTable(evaluated: readonly Evaluated[]): string {
  const header = evaluated.map(({ variant }) => variant)
  const rows = mergedRows(evaluated, 'differences', 'other', (result, name) => [
    interval(cells(result, 'differences', name), 'difference'),
  ])
  return markdown(['convolutions and pooling corrected, minus', ...header], rows)
}

function mergedRows(
  evaluated: readonly Evaluated[],
  table: string,
  column: string,
  cellsOf: (result: CheckResult, name: string) => string[],
): string[][] {
  const results = evaluated.flatMap(({ checks }) => checks.flatMap(({ result }) => (result.check === 'iou' ? result : [])))
  const [first] = results
  if (!first) return []
  const { columns, rows } = tableOf(first, table)
  const place = columns.findIndex(({ id }) => id === column)
  return rows.map((row) => {
    const name = String(row[place])
    return [name, ...results.flatMap((result) => cellsOf(result, name))]
  })
}

function tableOf({ tables }: CheckResult, id: string): CheckResult['tables'][number] {
  const found = tables.find((table) => table.id === id)
  if (!found) throw new Error(`The overlap with masks has no table "${id}".`)
  return found
}

/** The cells of a row by the ids of their columns. */
function cells(result: CheckResult, table: string, name: string): Record<string, string | number | null> | undefined {
  const { columns, rows } = tableOf(result, table)
  const row = rows.find((each) => each[0] === name)
  return row && Object.fromEntries(columns.map(({ id }, i) => [id, row[i] ?? null]))
}

function interval(row: ReturnType<typeof cells>, column: string): string {
  if (!row) return ''
  const [value, low, high] = ['', '_low', '_high'].map((end) => cellText(row[`${column}${end}`] ?? null, 3))
  return `${value} (${low} to ${high})`
}

function findings({ variant, checks }: Evaluated): string {
  const rows = checks.map(({ result: { check, verdict, sentence, warnings } }) => [
    LISTED_CHECKS[check].title,
    VERDICT_WORDS[verdict],
    [sentence, ...warnings].join(' '),
  ])
  return `${variant}:\n\n${markdown(['check', 'verdict', 'what it found'], rows)}`
}

function timesTable(evaluated: readonly Evaluated[]): string {
  const shown = (seconds: number | null | undefined): string =>
    seconds === undefined ? '' : seconds === null ? 'stored' : `${seconds.toFixed(1)} s`
  const of = (name: CheckName): string[] =>
    evaluated.map(({ checks }) => shown(checks.find(({ result }) => result.check === name)?.seconds))
  return markdown(
    ['time', ...evaluated.map(({ variant }) => variant)],
    [
      ['images, project and extraction', ...evaluated.map(({ preparationSeconds }) => shown(preparationSeconds))],
      ...names.map((name) => [LISTED_CHECKS[name].title, ...of(name)]),
      ['all checks', ...evaluated.map((each) => shown(totalSeconds(each)))],
    ],
  )
}

/** Null where some of it was stored. */
function totalSeconds({ checks }: Evaluated): number | null {
  return checks.reduce<number | null>(
    (sum, { seconds }) => (sum === null || seconds === null ? null : sum + seconds),
    0,
  )
}

function summary(evaluated: readonly Evaluated[]): string {
  const totals = evaluated.map(totalSeconds)
  const tested = evaluated.reduce((sum, { testImages }) => sum + testImages, 0)
  const time = totals.includes(null)
    ? 'part of it was stored'
    : `${(totals.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0) / 60).toFixed(1)} min`
  return [
    `All checks of both variants, ${tested} test images, on ${evaluated[0]?.engine ?? 'no engine'}: ${time}.`,
    // In kibibytes on every system.
    `Peak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB.`,
    ...evaluated.map(({ variant, checks }) => {
      const digest = createHash('sha256').update(JSON.stringify(checks.map(({ result }) => result))).digest('hex')
      return `SHA-256 of the results of ${variant}: ${digest}`
    }),
  ].join('\n')
}

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
