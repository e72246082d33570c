import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sampleCheck } from '../../core/charts/sample-checks.ts'
import { CONTROLS } from '../../core/control-maps.ts'
import { analysisDefaults, specsOf } from '../../shared/analysis.ts'
import { checkSpecOf } from '../../shared/check-list.ts'
import type { CheckResult, CheckSpec } from '../../shared/checks.ts'
import { reasonOf } from '../../shared/errors.ts'
import type { ReportResult } from '../../shared/report.ts'
import type { EvaluationResult } from '../../shared/results.ts'
import { analyse } from '../jobs/analysis.ts'
import {
  discard,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  smallAnalysis,
  type Ingredients,
} from '../testing/projects.ts'
import { addCheckCommands, checkText } from './checks.ts'
import { addReportCommand } from './report.ts'

const options = analysisDefaults('paper')
const spec = checkSpecOf('iou', specsOf(options).evaluation.selection, options)

describe('checkText', () => {
  it('leads with the sentence and ends with what it cannot show', () => {
    const { sentence, warnings, limits } = sampleCheck()
    expect(checkText(spec, sampleCheck()).split('\n')).toEqual([
      'Overlap with masks (supported)',
      sentence,
      `Mind: ${warnings[0]}`,
      '240 images; 3 strongest features of All, stride correction of convolutions and pooling; '
        + 'preset paper, μ = 10, true labels, seed 1.',
      '',
      'Kinds of heatmaps',
      'Heatmap                   Area    Low   High  Images',
      'Ours <combined> & "all"  0.225  0.217  0.233     240',
      'Random map               0.062  0.061  0.063     240',
      'Not measured                 –      –      –       0',
      '',
      'What it cannot show:',
      `- ${limits[0]}`,
    ])
  })

  it('shows the first rows of a long table and says how many are left', () => {
    const [table] = sampleCheck().tables
    const rows = Array.from({ length: 30 }, (_, i) => [`row ${i}`, i, i, i, i])
    const text = checkText(spec, { ...sampleCheck(), tables: [{ ...table, rows }] })
    expect(text).toContain('row 19')
    expect(text).not.toContain('row 20')
    expect(text).toContain('and 10 more rows (--json has all)')
  })
})

/** Runs a command in this process; the words come as after `vebi`. */
async function run(...words: string[]): Promise<{ stdout: string; stderr: string; error: unknown }> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  const program = new Command().exitOverride()
  addCheckCommands(program)
  addReportCommand(program)
  const errors = { outputError: (text: string) => (written.stderr += text) }
  for (const command of program.commands) command.exitOverride().configureOutput(errors)
  let error: unknown = null
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (thrown) {
    error = thrown
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return { ...written, error }
}

describe('vebi evaluate and vebi report', () => {
  let from: Ingredients
  let folder: string

  beforeAll(async () => {
    from = await folderIngredients({ train: 48, test: 24 })
    folder = await newProject(from, 'project')
    await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
  }, 60_000)

  afterAll(() => discard(from))

  it('runs a check, prints it and puts it into the report', async () => {
    const { stdout, error } = await run('evaluate', folder, 'permutation', '--repeats', '21', '--json')
    expect(error).toBe(null)
    const result = JSON.parse(stdout) as CheckResult & { spec: CheckSpec }
    expect(result).toMatchObject({ check: 'permutation', spec: { repeats: 21, seed: 1, check: 'permutation' } })
    const file = join(from.root, 'report.html')
    const report = await run('report', folder, '--out', file, '--json')
    const { missing } = JSON.parse(report.stdout) as ReportResult
    expect(missing).toContain('Stability')
    // As it was run last, though with other numbers of draws than a report asks for.
    expect(missing).not.toContain('Label permutation')
    expect(report.stderr).toContain('Note: Not computed: Stability.')
    const page = readFileSync(file, 'utf8').replaceAll('\u00a0', ' ')
    expect(page).toContain(result.sentence.replaceAll('"', '&#34;'))
    expect(page).toContain('21 permutations of the labels')
    // A report computes nothing: the same stored results give the same page.
    const again = await run('report', folder, '--out', join(from.root, 'again.html'), '--json')
    expect((JSON.parse(again.stdout) as ReportResult).sha256).toBe((JSON.parse(report.stdout) as ReportResult).sha256)
  }, 60_000)

  it('prints several as a list, each once', async () => {
    const { stdout } = await run('evaluate', folder, 'permutation', 'path', 'permutation', '--json')
    expect((JSON.parse(stdout) as CheckResult[]).map(({ check }) => check)).toEqual(['permutation', 'path'])
  }, 60_000)

  it('holds the heatmaps against the masks where no check is named', async () => {
    const { stdout } = await run('evaluate', folder, '--json')
    expect((JSON.parse(stdout) as EvaluationResult).scores.map(({ kind }) => kind)).toContain('ours')
  }, 30_000)

  it('holds explanations against the same control maps with and without the name of the check', async () => {
    const plain = JSON.parse((await run('evaluate', folder, '--json')).stdout) as EvaluationResult
    const { stdout, error } = await run('evaluate', folder, 'iou', '--images', 'all', '--json')
    expect(error).toBe(null)
    const checked = JSON.parse(stdout) as CheckResult
    for (const { name } of CONTROLS) {
      const area = plain.scores.find((score) => score.name === name)?.area
      expect(area).toBeGreaterThan(0)
      expect(checked.tables[0].rows.find(([heatmap]) => heatmap === name)?.[2]).toBeCloseTo(area!, 12)
    }
  }, 60_000)

  it.each([
    [['nonsense'], 'There is no check "nonsense": name some of iou, '],
    [['path', '--images', '0'], 'It must be a whole number from 1 on, or "all".'],
    [['path', '--repeats', 'x'], 'It must be a whole number from 1 on.'],
    [['--images', '5'], '"--images" and "--repeats" belong to a check: name one, or "all".'],
    [['--repeats', '5'], '"--images" and "--repeats" belong to a check: name one, or "all".'],
  ])('refuses %s with a sentence', async (words, sentence) => {
    const { error } = await run('evaluate', folder, ...words)
    expect(reasonOf(error)).toContain(sentence)
  })

  it('writes a report as a page alone', async () => {
    const file = join(from.root, 'report.pdf')
    const { error } = await run('report', folder, '--out', file)
    expect(reasonOf(error)).toContain('name it *.html')
    expect(existsSync(file)).toBe(false)
  })
})
