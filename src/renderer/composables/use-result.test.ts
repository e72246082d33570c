import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { VebiError } from '../../shared/errors.ts'
import type { ModelReport } from '../../shared/model-report.ts'
import type { ExtractionResult } from '../../shared/results.ts'
import { useJobsStore } from '../stores/jobs.ts'
import { useProjectStore } from '../stores/project.ts'
import { fakeHost, withHost, type Answers } from '../testing/fake-host.ts'
import { sampleJob, sampleProject } from '../testing/samples.ts'
import { useResult, type ResultOptions } from './use-result.ts'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const report = (source: string) => ({ source }) as ModelReport

/** A question that the test answers by hand, in any order. */
function byHand(options: ResultOptions = {}, more: Answers = {}) {
  const path = ref<string | null>('a')
  const open: { path: string | null; answer: (value: ModelReport) => void; refuse: (error: Error) => void }[] = []
  const fake = fakeHost({
    'model.inspect': (argument) =>
      new Promise((answer, refuse) => open.push({ path: argument.path, answer, refuse })),
    'project.info': () => sampleProject(),
    'recent.list': () => [],
    'jobs.list': () => [],
    ...more,
  })
  const scope = effectScope()
  const { value } = withHost(fake.host, () => {
    const project = useProjectStore()
    const jobs = useJobsStore()
    const result = scope.run(() =>
      useResult('model.inspect', () => (path.value === null ? null : { path: path.value }), options),
    )!
    return { project, jobs, result }
  })
  return { ...value, fake, path, open, scope }
}

describe('useResult', () => {
  it('shows the answer', async () => {
    const { result, open } = byHand()
    expect(result.state).toBe('loading')
    open[0]?.answer(report('a'))
    await settle()
    expect(result).toMatchObject({ state: 'ready', data: { source: 'a' }, pending: false, error: null })
  })

  it('drops an answer that comes after a later question', async () => {
    const { result, open, path } = byHand()
    path.value = 'b'
    await nextTick()
    open[1]?.answer(report('b'))
    await settle()
    open[0]?.answer(report('a'))
    await settle()
    expect(result.data).toEqual({ source: 'b' })
  })

  it('keeps the answer before while the next one is awaited, or does not', async () => {
    for (const keep of [true, false]) {
      const { result, open, path } = byHand({ keep })
      open[0]?.answer(report('a'))
      await settle()
      path.value = 'b'
      await nextTick()
      expect(result.data).toEqual(keep ? { source: 'a' } : null)
      expect(result.pending).toBe(true)
    }
  })

  it('asks nothing without an argument', async () => {
    const { result, open, path } = byHand()
    path.value = null
    await nextTick()
    expect(result.state).toBe('idle')
    open[0]?.answer(report('a'))
    await settle()
    expect(result).toMatchObject({ state: 'idle', data: null })
  })

  it('does not ask again for an equal argument', async () => {
    const { fake, path } = byHand()
    path.value = 'b'
    path.value = 'a'
    await nextTick()
    expect(fake.calls.filter(({ name }) => name === 'model.inspect')).toHaveLength(1)
  })

  it('asks one question at a time, and then the latest', async () => {
    const { open, path, result } = byHand({ oneAtATime: true })
    for (const next of ['b', 'c', 'd']) {
      path.value = next
      await nextTick()
    }
    expect(open.map((question) => question.path)).toEqual(['a'])
    open[0]?.answer(report('a'))
    await settle()
    expect(open.map((question) => question.path)).toEqual(['a', 'd'])
    open[1]?.answer(report('d'))
    await settle()
    expect(result.data).toEqual({ source: 'd' })
  })

  it('shows an error and recovers', async () => {
    const { result, open } = byHand()
    open[0]?.refuse(new VebiError('bad-model', 'a is damaged.'))
    await settle()
    expect(result).toMatchObject({ state: 'error', data: null })
    expect(result.error?.message).toBe('a is damaged.')
    result.refresh()
    open[1]?.answer(report('a'))
    await settle()
    expect(result).toMatchObject({ state: 'ready', error: null })
  })

  it('forgets the answer of another project', async () => {
    const { result, open, project, fake } = byHand()
    await project.load()
    await settle()
    open.at(-1)?.answer(report('a'))
    await settle()
    expect(result.state).toBe('ready')
    fake.emit('project.changed', sampleProject({ folder: '/projects/birds' }))
    await nextTick()
    expect(result).toMatchObject({ data: null, pending: true })
  })

  it('hears no answer once its component is gone', async () => {
    const { result, open, scope } = byHand()
    scope.stop()
    open[0]?.answer(report('a'))
    await settle()
    expect(result.data).toBe(null)
  })
})

describe('useResult of a step', () => {
  it('names the step to start, and asks again when a job ends', async () => {
    let extraction: ExtractionResult | null = null
    const fake = fakeHost({
      'project.info': () => sampleProject(),
      'recent.list': () => [],
      'jobs.list': () => [],
      'extraction.result': () => {
        if (extraction) return extraction
        throw new VebiError('not-ready', 'The responses are not computed yet.')
      },
    })
    const { value } = withHost(fake.host, () => ({
      project: useProjectStore(),
      jobs: useJobsStore(),
      result: effectScope().run(() => useResult('extraction.result', () => ({ preset: 'paper', layers: 'All' })))!,
    }))
    const { project, jobs, result } = value
    await project.load()
    jobs.listen()
    await settle()
    expect(result).toMatchObject({ state: 'not-ready', step: 'extraction' })
    extraction = { images: 4, features: 10, unreadable: [], accuracy: 1 }
    fake.emit('job.state', sampleJob({ kind: 'selection', state: 'finished' }))
    await nextTick()
    await settle()
    expect(result).toMatchObject({ state: 'ready', data: extraction, step: null })
  })
})
