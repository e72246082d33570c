import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { specsOf } from '../../shared/analysis.ts'
import { checkSpecOf, LISTED_CHECKS, LISTED_NAMES } from '../../shared/check-list.ts'
import type { ReportResult, ReportSpec } from '../../shared/report.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  recording,
  resultsOf,
  smallAnalysis,
  type Ingredients,
} from '../testing/projects.ts'
import { analyse } from './analysis.ts'
import { writeReport } from './report.ts'

const { evaluation } = specsOf(smallAnalysis)
const checks = LISTED_NAMES.map((name) => checkSpecOf(name, evaluation.selection, smallAnalysis))

let from: Ingredients
let folder: string
let spec: ReportSpec

beforeAll(async () => {
  from = await folderIngredients({ train: 48, test: 24 })
  folder = await newProject(from, 'project')
  spec = { file: join(from.root, 'report.html'), options: smallAnalysis, checks }
}, 60_000)

afterAll(() => discard(from))

const write = (change: Partial<ReportSpec> = {}): Promise<ReportResult> =>
  inProject(folder, (project) => writeReport(project, { ...spec, ...change }, quiet()))

describe('writeReport', () => {
  it('names everything that is not computed, and computes nothing', async () => {
    const before = resultsOf(folder)
    const result = await write()
    const page = readFileSync(spec.file, 'utf8')
    expect(result.missing).toEqual([
      'Responses to the training images',
      'Selection of All',
      'Selection of OnlyConv',
      'Ablation',
      'Average images of All',
      'Average images of OnlyConv',
      'Explanations of test images',
      'Kinds of heatmaps against masks',
      ...LISTED_NAMES.map((name) => LISTED_CHECKS[name].title),
    ])
    expect(page).toContain('Ablation: not computed. Run all steps in the window, or &#34;vebi run PROJECT&#34;.')
    expect(result.figures).toBe(1)
    expect(resultsOf(folder)).toEqual(before)
  }, 30_000)

  it('shows what is computed, the same bytes each time', async () => {
    await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
    const first = await write()
    const bytes = readFileSync(spec.file)
    expect(first).toMatchObject({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    expect(first.missing).toEqual(LISTED_NAMES.map((name) => LISTED_CHECKS[name].title))
    const page = bytes.toString('utf8')
    expect(page.match(/<figure>/g)).toHaveLength(first.figures)
    // Receptive fields, two matrices, two of ablation, two of averages, an explanation for each class, IoU.
    const classes = await inProject(folder, ({ config }) => Promise.resolve(config.classes.length))
    expect(first.figures).toBe(8 + classes)
    for (const title of ['Project and model', 'Ablation', 'Average images', 'Settings, versions and hashes']) {
      expect(page).toContain(`>${title}</h2>`)
    }
    const { graph, keys } = await inProject(folder, (project) => Promise.resolve(project))
    for (const hash of [graph.hash, keys.train, keys.test]) expect(page).toContain(hash)
    // A folder of this machine is nobody's business.
    expect(page).not.toContain(from.root)
    expect(page).not.toMatch(/<script/)
    const again = await write({ file: join(from.root, 'again.html') })
    expect(again.sha256).toBe(first.sha256)
  }, 60_000)

  it('shows the analysis that is asked for', async () => {
    const file = join(from.root, 'other.html')
    const result = await write({ file, options: { ...smallAnalysis, mu: 3, sets: ['OnlyConv'] }, checks: [] })
    expect(result.missing).toContain('Selection of OnlyConv')
    expect(result.missing).not.toContain('Selection of All')
    expect(result.missing).not.toContain('Stability')
  }, 30_000)

  it('stops when it is cancelled and leaves the file as it was', async () => {
    writeFileSync(spec.file, 'as it was')
    const { context } = recording((_, cancel) => cancel())
    const failure = await failureOf(inProject(folder, (project) => writeReport(project, spec, context)))
    expect(failure.code).toBe('cancelled')
    expect(readFileSync(spec.file, 'utf8')).toBe('as it was')
    expect(existsSync(`${spec.file}.partial`)).toBe(false)
  }, 30_000)

  it('says where it cannot write', async () => {
    const taken = join(from.root, 'taken')
    writeFileSync(taken, 'a file')
    const { code, sentence } = await failureOf(write({ file: join(taken, 'report.html') }))
    expect(code).toBe('bad-file')
    expect(sentence).toContain(join(taken, 'report.html'))
  }, 30_000)

  it('reports its parts to the last', async () => {
    const { context, steps } = recording()
    await inProject(folder, (project) => writeReport(project, spec, context))
    const { done, total } = steps.at(-1)!
    expect(done).toBe(total)
    for (const [i, step] of steps.entries()) expect(step.done).toBeGreaterThanOrEqual(steps[i - 1]?.done ?? 0)
  }, 30_000)
})
