import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { analysisDefaults } from '../shared/analysis.ts'
import { CHECK_NAMES, type CheckSpec } from '../shared/checks.ts'
import { tinyWorkbench } from './testing/tiny-workbench.ts'

const spec: CheckSpec = {
  check: 'swap',
  selection: { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' },
  explanation: { topFeatures: 2, strideCorrection: 'conv', reduction: 'max-abs' },
  images: 6,
  repeats: 1,
  seed: 1,
}

const { call, refusal, work, heard, faults, project, root } = tinyWorkbench()

beforeAll(async () => {
  await work({ kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
})

describe('checks over the contract', () => {
  it('reads nothing that is not computed, and what a job computed', async () => {
    expect(await refusal('checks.result', spec)).toMatchObject({ code: 'not-ready' })
    const progress = heard('job.progress', (event) => event.progress.phase === 'swap the class')
    await work({ kind: 'check', spec })
    expect((await progress).progress.total).toBe(6)
    const result = await call('checks.result', spec)
    expect(result).toMatchObject({ check: 'swap', images: 6, title: 'Class swap' })
    expect(await refusal('checks.result', { ...spec, seed: 2 })).toEqual({
      code: 'not-ready',
      sentence: `This check has not been computed in ${project().folder}: start the job "check" first.`,
    })
  })

  it('refuses what is no check', async () => {
    const { code, sentence } = await refusal('jobs.start', { kind: 'check', spec: { ...spec, check: 'beauty' } })
    expect(code).toBe('bad-argument')
    for (const name of CHECK_NAMES) expect(sentence).toContain(name)
    expect(await refusal('checks.result', { ...spec, images: 0 })).toMatchObject({ code: 'bad-argument' })
  })
})

describe('a report over the contract', () => {
  it('is written by a job, which tells what is in it and what is missing', async () => {
    const file = join(root(), 'report.html')
    const job = await work({ kind: 'report', spec: { file, options: analysisDefaults('paper'), checks: [spec] } })
    expect(job).toMatchObject({ state: 'finished', message: '' })
    const written = await call('report.written', { job: job.id })
    expect(written.file).toBe(file)
    expect(written.missing).toContain('Ablation')
    expect(written.missing).not.toContain('Class swap')
    // As far as it needs no escaping; the page keeps numbers and their units on one line.
    const [sentence] = (await call('checks.result', spec)).sentence.split(/["'&<>]/)
    expect(sentence.length).toBeGreaterThan(30)
    expect(readFileSync(file, 'utf8').replace(/\s/g, ' ')).toContain(sentence.replace(/\s/g, ' '))
    expect(written.bytes).toBe(readFileSync(file).length)
    expect((await refusal('report.written', { job: 1 })).sentence).toContain('writes no report')
  })
})

it('meets no fault', () => expect(faults).toEqual([]))
