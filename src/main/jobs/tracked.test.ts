import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VebiError } from '../../shared/errors.ts'
import { openProject } from '../store/project.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  idxIngredients,
  inProject,
  jobsOf,
  newProject,
  quiet,
  recording,
  smallAnalysis,
} from '../testing/projects.ts'
import type { Ingredients } from '../testing/projects.ts'
import { ablate } from './ablation.ts'
import { specsOf } from '../../shared/analysis.ts'
import { analyse, explanationSpec, tracked } from './analysis.ts'
import { evaluate } from './evaluation.ts'
import { explain } from './explanation.ts'
import { extract } from './extraction.ts'
import type { JobContext } from './runner.ts'

let idx: Ingredients
let masked: Ingredients
beforeAll(async () => {
  idx = await idxIngredients()
  masked = await folderIngredients({ train: 12, test: 68 })
})
afterAll(() => Promise.all([discard(idx), discard(masked)]))

const extraction = { preset: 'paper', layers: 'All' } as const
const identity = (value: unknown): unknown => value

describe('the record of a job', () => {
  it('says what ran, in order, and that it finished', async () => {
    const folder = await newProject(masked, 'finished')
    await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
    expect(jobsOf(folder).reverse().map(({ kind, state, message }) => `${kind} ${state}${message}`)).toEqual([
      'extraction finished', 'selection finished', 'selection finished', 'ablation finished', 'averages finished',
      'explanation finished', 'evaluation finished',
    ])
    const reader = openProject(folder, { mode: 'read' })
    for (const { startedAt, endedAt, queuedAt } of reader.jobs.list()) {
      expect(startedAt).toBeGreaterThanOrEqual(queuedAt)
      expect(endedAt).toBeGreaterThanOrEqual(startedAt!)
    }
    expect(reader.jobs.get(1)!.spec).toEqual(extraction)
    reader.close()
  })

  it('is cancelled, failed, or interrupted, with the reason', async () => {
    const folder = await newProject(masked, 'ended')
    await inProject(folder, async (project) => {
      const ended = (reason: Error): Promise<unknown> =>
        tracked(project, 'extraction', extraction, quiet(), () => Promise.reject(reason)).catch(identity)
      const cancelled = new VebiError('cancelled', 'Cancelled by the user.')
      expect(await ended(cancelled)).toBe(cancelled)
      await ended(new VebiError('bad-file', '"x.png" cannot be decoded.'))
      await ended(new TypeError('a mistake in the program'))
      project.store.jobs.start(project.store.jobs.add('ablation', {}))
    })
    await inProject(folder, () => Promise.resolve())
    expect(jobsOf(folder).map(({ state, message }) => [state, message])).toEqual([
      ['interrupted', 'The program stopped before the job ended.'],
      ['failed', 'a mistake in the program'],
      ['failed', '"x.png" cannot be decoded.'],
      ['cancelled', 'Cancelled by the user.'],
    ])
  })

  it('does not hide why a job failed when it cannot be written itself', async () => {
    const folder = await newProject(masked, 'unwritable')
    const failure = await failureOf(inProject(folder, (project) => {
      const run = async (): Promise<never> => {
        project.store.close()
        throw new VebiError('disk-full', 'The disk is full.')
      }
      return tracked(project, 'extraction', extraction, quiet(), run)
    }))
    expect(failure).toEqual({ code: 'disk-full', sentence: 'The disk is full.' })
  })
})

describe('progress of the jobs', () => {
  it('begins and ends every phase, never goes back, and stays within the total', async () => {
    const folder = await newProject(masked, 'progress')
    const { context, steps } = recording()
    await inProject(folder, (project) => analyse(project, smallAnalysis, context))
    const phases = [...new Set(steps.map(({ phase }) => phase))]
    expect(phases).toEqual(['extract', 'select All', 'select OnlyConv', 'ablate', 'average', 'explain', 'evaluate'])
    for (const phase of phases) {
      const own = steps.filter((step) => step.phase === phase)
      const { total } = own[0]
      expect(own.every((step) => step.total === total && step.done <= total)).toBe(true)
      for (let i = 1; i < own.length; i++) expect(own[i].done).toBeGreaterThanOrEqual(own[i - 1].done)
      expect(own.at(-1)!.done).toBe(total)
    }
  })
})

describe('memory', () => {
  /** Numbers of live tensors before the job, after it, and at the steps that `counted` picks. */
  async function tensors(
    run: (context: JobContext) => Promise<unknown>,
    counted: (done: number) => boolean,
  ): Promise<number[]> {
    const counts: number[] = [tf.memory().numTensors]
    await run(recording(({ done }) => {
      if (counted(done)) counts.push(tf.memory().numTensors)
    }).context)
    return [...counts, tf.memory().numTensors]
  }

  const constant = (counts: readonly number[]): boolean => counts.every((count) => count === counts[0])
  const warm = { ...smallAnalysis, mu: 3 }

  it('holds as many tensors after every batch and after each job as before', async () => {
    const many = await newProject(idx, 'memory')
    await inProject(many, async (project) => {
      // Weights come to the engine with the first batch; from then on nothing may be added.
      await extract(project, { preset: 'paper', layers: 'conv1' }, quiet())
      await ablate(project, specsOf({ ...warm, layers: 'conv1', sets: ['conv1'] }).ablation, quiet())
      const extracted = await tensors((context) => extract(project, extraction, context), (done) => done > 0)
      expect(extracted.length).toBeGreaterThan(4)
      expect(extracted).toSatisfy(constant)
      for (const replacement of ['zero', 'mean', 'resample'] as const) {
        const spec = specsOf({ ...smallAnalysis, replacement }).ablation
        const ablated = await tensors((context) => ablate(project, spec, context), (done) => done === 600)
        expect(ablated.length).toBeGreaterThan(2)
        expect(ablated.at(-1)).toBe(ablated[0])
      }
    })
    const few = await newProject(masked, 'memory')
    await inProject(few, async (project) => {
      await extract(project, extraction, quiet())
      const images = Array.from({ length: 68 }, (_, image) => image)
      const spec = await explanationSpec(project, { ...smallAnalysis, images })
      const explained = await tensors((context) => explain(project, spec, context), () => true)
      // Per batch: the first selects, which reports its classes.
      expect(explained.length).toBe(2 + 4 + 2)
      expect(explained).toSatisfy(constant)
      const { evaluation } = specsOf(smallAnalysis)
      const evaluated = await tensors((context) => evaluate(project, evaluation, context), () => true)
      expect(evaluated.length).toBe(2 + 2)
      // The shuffled copy of the weights lives while the job runs.
      expect(evaluated[1]).toBe(evaluated[2])
      expect(evaluated[3]).toBe(evaluated[0])
    })
  })
})
