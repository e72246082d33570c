import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { analysisDefaults } from '../../shared/analysis.ts'
import { VebiError } from '../../shared/errors.ts'
import type { ProjectInfo } from '../../shared/project-info.ts'
import type { ExtractionResult } from '../../shared/results.ts'
import type { JobInfo } from '../../shared/work.ts'
import { fakeHost, withHost, type Answers } from '../testing/fake-host.ts'
import { sampleJob, sampleProject } from '../testing/samples.ts'
import { useAnalysisStore } from './analysis.ts'
import { useEngineStore } from './engine.ts'
import { useJobsStore } from './jobs.ts'
import { useNoticesStore } from './notices.ts'
import { useProjectStore } from './project.ts'
import { useStepsStore } from './steps.ts'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

async function opened(answers: Answers = {}, info: ProjectInfo | null = sampleProject()) {
  const fake = fakeHost({
    'project.info': () => info,
    'recent.list': () => [],
    'jobs.list': () => [],
    'engine.info': () => sampleProject().engine,
    ...answers,
  })
  const { value } = withHost(fake.host, () => ({
    engine: useEngineStore(),
    project: useProjectStore(),
    jobs: useJobsStore(),
    analysis: useAnalysisStore(),
    steps: useStepsStore(),
    notices: useNoticesStore(),
  }))
  value.engine.listen()
  await value.project.load()
  value.jobs.listen()
  value.steps.follow()
  await settle()
  return { ...value, fake }
}

describe('the engine store', () => {
  it('counts starts and explains a restart that is over', async () => {
    const { engine, notices, fake } = await opened()
    expect(engine.starts).toBe(1)
    fake.tellEngineState({ state: 'restarting', sentence: 'The engine has stopped unexpectedly.' })
    expect(notices.latest).toBe(null)
    fake.tellEngineState({ state: 'running', sentence: '' })
    expect(engine.starts).toBe(2)
    expect(notices.latest?.sentence).toBe('The engine has stopped unexpectedly.')
    expect(engine.info?.name).toBe('tensorflow')
  })
})

describe('the project store', () => {
  it('closes the open project before it opens another', async () => {
    const { project, fake } = await opened({
      'project.close': () => null,
      'project.open': ({ folder }) => sampleProject({ folder }),
    })
    await project.open('/projects/birds')
    const names = fake.calls.map(({ name }) => name)
    expect(names.indexOf('project.close')).toBeLessThan(names.indexOf('project.open'))
    expect(names).toContain('project.close')
    expect(project.name).toBe('birds')
    expect(project.preparing).toBe(null)
  })

  it('leaves the open project open where a new one cannot be made', async () => {
    const { project, fake } = await opened({
      'project.create': () => Promise.reject(new VebiError('bad-file', 'The folder cannot be written.')),
    })
    const made = { folder: '/projects/new', model: '/m', train: '/a', test: '/b', preprocessing: {} }
    await expect(project.create(made)).rejects.toThrow('cannot be written')
    expect(project.isOpen).toBe(true)
    expect(fake.calls.map(({ name }) => name)).not.toContain('project.close')
  })

  it('gives pictures another address for another project', async () => {
    const { project, fake } = await opened()
    const before = project.pictureAddress('test/0', 'displayed', 64)
    fake.emit('project.changed', sampleProject({ ownLayers: '1,2' }))
    expect(project.pictureAddress('test/0', 'displayed', 64)).toBe(before)
    fake.emit('project.changed', sampleProject({ folder: '/projects/birds' }))
    expect(project.pictureAddress('test/0', 'displayed', 64)).not.toBe(before)
  })

  it('lets the refusal through and is ready for the next try', async () => {
    const { project } = await opened({
      'project.open': () => {
        throw new VebiError('missing-file', '/projects/gone does not exist.')
      },
    }, null)
    await expect(project.open('/projects/gone')).rejects.toThrow('/projects/gone does not exist.')
    expect(project.preparing).toBe(null)
  })
})

describe('the jobs store', () => {
  it('follows a job from its start to its end and tells once that it ended', async () => {
    const { jobs, fake, notices } = await opened({ 'jobs.start': () => sampleJob() })
    await jobs.start({ kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
    expect(jobs.queued.map(({ id }) => id)).toEqual([1])
    fake.emit('job.state', sampleJob({ state: 'running' }))
    const progress = { phase: 'extract', done: 3, total: 8, unit: 'images', rate: 2, secondsLeft: 2.5 }
    fake.emit('job.progress', { id: 1, progress })
    expect(jobs.running?.id).toBe(1)
    expect(jobs.progressOf(1)).toEqual(progress)
    fake.emit('job.state', sampleJob({ state: 'finished' }))
    fake.emit('job.state', sampleJob({ state: 'finished' }))
    expect(jobs.ends).toBe(1)
    expect(jobs.active).toEqual([])
    expect(notices.spoken).toBe('Extraction of responses finished.')
    expect(notices.latest).toBe(null)
  })

  it('shows why a job failed', async () => {
    const { fake, notices } = await opened()
    fake.emit('job.state', sampleJob({ state: 'failed', message: 'The disk is full.' }))
    expect(notices.latest).toEqual({
      title: 'Extraction of responses failed',
      sentence: 'The disk is full.',
      type: 'error',
    })
  })

  it('keeps the end of a job that is told before the answer to its start', async () => {
    const { jobs, fake } = await opened({
      'jobs.start': () => {
        fake.emit('job.state', sampleJob({ state: 'finished' }))
        return sampleJob({ state: 'queued' })
      },
    })
    await jobs.start({ kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
    expect(jobs.active).toEqual([])
  })

  it('finds the latest job of a work whatever the order of its fields', async () => {
    const jobsOfProject = [
      sampleJob({ id: 2, state: 'cancelled', spec: { layers: 'All', preset: 'paper' } }),
      sampleJob({ id: 1, state: 'finished' }),
    ]
    const { jobs } = await opened({ 'jobs.list': () => jobsOfProject })
    expect(jobs.stateOf('extraction', { preset: 'paper', layers: 'All' })?.id).toBe(2)
    expect(jobs.stateOf('extraction', { preset: 'released', layers: 'All' })).toBe(null)
  })

  it('cancels those that wait before the one that runs', async () => {
    const { jobs, fake } = await opened({
      'jobs.list': () => [sampleJob({ id: 2 }), sampleJob({ id: 1, state: 'running' })],
      'jobs.cancel': ({ id }) => sampleJob({ id, state: 'cancelled' }),
    })
    await jobs.cancelAll()
    const cancelled = fake.calls.filter(({ name }) => name === 'jobs.cancel').map(({ argument }) => argument)
    expect(cancelled).toEqual([{ id: 2 }, { id: 1 }])
  })
})

describe('the analysis store', () => {
  it('has the choices of a preset and keeps the others', async () => {
    const { analysis } = await opened()
    analysis.set({ seed: 9, mu: 3 })
    analysis.setPreset('released')
    expect(analysis.options).toEqual({ ...analysisDefaults('released'), seed: 9 })
    expect(analysis.selection).toEqual({ preset: 'released', layers: 'All', mu: 10, nonnegative: false, labels: 'true' })
  })

  it('takes the own layers in, and extracts what All does not cover', async () => {
    const numbers: Record<string, number[]> = { All: [1, 2, 3], '2,5': [2, 5] }
    const { analysis, fake } = await opened({
      'model.layerSet': ({ layers }) => ({ numbers: numbers[layers] ?? [], features: 0 }),
    })
    expect(analysis.sets.map(({ label }) => label)).toEqual(['All', 'OnlyConv'])
    fake.emit('project.changed', sampleProject({ ownLayers: '2,5' }))
    await settle()
    expect(analysis.sets.at(-1)).toEqual({ layers: '2,5', label: 'Own set' })
    expect(analysis.options.layers).toBe('1,2,3,5')
    analysis.activeSet = '2,5'
    expect(analysis.selection.layers).toBe('2,5')
    fake.emit('project.changed', sampleProject())
    await settle()
    expect(analysis.activeSet).toBe('All')
    expect(analysis.options.layers).toBe('All')
  })
})

describe('the steps store', () => {
  const extraction: ExtractionResult = { images: 4, features: 10, unreadable: [], accuracy: 1 }

  it('asks the engine what is there', async () => {
    const { steps } = await opened({ 'extraction.result': () => extraction })
    expect(steps.stateOf('extraction')).toBe('done')
    expect(steps.stateOf('selection')).toBe('missing')
    expect(steps.stateOf('evaluation')).toBe('unavailable')
    expect(steps.missingFor('ablation')).toEqual(['selection', 'ablation'])
  })

  it('starts a step after those that it needs, one job for each layer set', async () => {
    let id = 0
    const { steps, fake } = await opened({
      'jobs.start': ({ kind, spec }): JobInfo => sampleJob({ id: ++id, kind, spec, state: 'finished' }),
    })
    await steps.start('averages')
    const started = fake.calls.filter(({ name }) => name === 'jobs.start')
    expect(started.map(({ argument }) => (argument as JobInfo).kind)).toEqual([
      'extraction',
      'selection',
      'selection',
      'averages',
    ])
  })

  it('runs all that is not done, and explains the first readable image of each class', async () => {
    let id = 0
    const image = (index: number, label: number) => ({
      id: `test/${index}` as const,
      name: String(index),
      label,
      hasMask: false,
    })
    const { steps, fake } = await opened({
      'extraction.result': () => extraction,
      'images.list': ({ classIndex }) => {
        const items = [image(0, 2), image(1, 0), image(2, 0), image(3, 2)].filter(({ label }) => label === classIndex)
        return { total: items.length, items }
      },
      'images.picture': ({ image: id }) => {
        if (id === 'test/1') throw new VebiError('bad-file', 'It is damaged.')
        return { mime: 'image/png', bytes: new Uint8Array(), height: 1, width: 1 }
      },
      'jobs.start': ({ kind, spec }): JobInfo => sampleJob({ id: ++id, kind, spec, state: 'queued' }),
    })
    await steps.runAll()
    const started = fake.calls.filter(({ name }) => name === 'jobs.start').map(({ argument }) => argument as JobInfo)
    expect(started.map(({ kind }) => kind)).toEqual([
      'selection',
      'selection',
      'predictions',
      'ablation',
      'averages',
      'explanation',
    ])
    expect(started.at(-1)?.spec).toMatchObject({ images: [2, 0], topFeatures: 3, rule: 'guided' })
    expect(steps.stateOf('ablation')).toBe('queued')
  })

  it('asks again when a job has ended', async () => {
    let done = false
    const { steps, fake } = await opened({
      'extraction.result': () => {
        if (!done) throw new VebiError('not-ready', 'Not yet.')
        return extraction
      },
    })
    expect(steps.stateOf('extraction')).toBe('missing')
    done = true
    fake.emit('job.state', sampleJob({ state: 'finished' }))
    await nextTick()
    await settle()
    expect(steps.stateOf('extraction')).toBe('done')
  })
})
