import { describe, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { sampleCheck } from '../../../core/charts/sample-checks.ts'
import { CHECK_DEFAULTS, type CheckName, type CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { SelectionSpec } from '../../../shared/jobs.ts'
import type { ProjectInfo } from '../../../shared/project-info.ts'
import type { JobInfo, Work } from '../../../shared/work.ts'
import { useJobsStore } from '../../stores/jobs.ts'
import { useProjectStore } from '../../stores/project.ts'
import { useStepsStore } from '../../stores/steps.ts'
import { fakeHost, withHost } from '../../testing/fake-host.ts'
import { sampleJob, sampleProject } from '../../testing/samples.ts'
import { useChecksStore } from './checks-store.ts'
import { useChecks, type CheckState } from './use-checks.ts'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const images = { images: 4, perClass: [2, 0, 2], notes: [] }

/** The checks of a screen, with an engine that has the results that are told. */
async function screen({ masks = 2, selected = true }: { masks?: number; selected?: boolean } = {}) {
  const ready = new Map<CheckName, Partial<CheckSpec>>()
  const started: Work[] = []
  const fake = fakeHost({
    'project.info': (): ProjectInfo => ({ ...sampleProject(), test: { ...images, masks } }),
    'recent.list': () => [],
    'jobs.list': () => [],
    ...(selected
      ? {
          'extraction.result': () => ({ images: 4, features: 2, unreadable: [], accuracy: 1 }),
          'selection.summary': (spec: SelectionSpec) => ({ spec, features: 1, certificates: [] }),
        }
      : {}),
    'checks.result': (spec) => {
      if (spec.check === 'swap') throw new VebiError('bad-data', 'There is one class alone.')
      if (!ready.has(spec.check)) throw new VebiError('not-ready', 'Not computed.')
      return { ...sampleCheck(), check: spec.check }
    },
    'jobs.start': (work) => {
      started.push(work)
      return job(work, 'queued', started.length)
    },
    'jobs.cancel': ({ id }) => sampleJob({ id }),
  })
  const { value, app } = withHost(fake.host, () => ({
    project: useProjectStore(),
    jobs: useJobsStore(),
    steps: useStepsStore(),
    choices: useChecksStore(),
  }))
  await value.project.load()
  value.jobs.listen()
  value.steps.follow()
  await settle()
  const checks = app.runWithContext(() => effectScope().run(useChecks)!)
  await settle()
  const stateOf = (name: CheckName): CheckState => checks.all.value.find((each) => each.name === name)!
  return { ...value, checks, fake, ready, started, stateOf }
}

function job(work: Work, state: JobInfo['state'], id: number): JobInfo {
  return sampleJob({ id, kind: work.kind, spec: work.spec, state })
}

describe('useChecks', () => {
  it('tells what is computed, what is not, what cannot be, and what is refused', async () => {
    const { ready, choices, stateOf } = await screen({ masks: 0 })
    expect(stateOf('occlusion')).toMatchObject({ state: 'missing', result: null })
    expect(stateOf('iou').state).toBe('impossible')
    expect(stateOf('shuffle').reason).toBe('It needs masks, and the test images of this project have none.')
    expect(stateOf('swap')).toMatchObject({ state: 'failed', reason: 'There is one class alone.' })
    ready.set('occlusion', {})
    choices.images = 50
    await settle()
    expect(stateOf('occlusion')).toMatchObject({ state: 'done', spec: { images: 50 } })
  })

  it('runs a check, follows its job and shows the result when it ended', async () => {
    const { checks, fake, ready, started, stateOf } = await screen()
    const running = checks.start(['stability'])
    expect(stateOf('stability').state).toBe('queued')
    await running
    const work = started.at(-1)!
    expect(work).toMatchObject({ kind: 'check', spec: { check: 'stability', repeats: CHECK_DEFAULTS.stability.repeats } })
    fake.emit('job.state', job(work, 'running', 1))
    expect(stateOf('stability')).toMatchObject({ state: 'running', job: { id: 1 } })
    ready.set('stability', {})
    fake.emit('job.state', job(work, 'finished', 1))
    await settle()
    expect(stateOf('stability')).toMatchObject({ state: 'done', job: null, result: { verdict: 'for' } })
  })

  it('queues what a check needs before it', async () => {
    const { checks, started } = await screen({ selected: false })
    await checks.start(['path', 'variants'])
    expect(started.map(({ kind }) => kind)).toEqual(['extraction', 'selection', 'selection', 'check', 'check'])
  })

  it('says how a run without a result ended', async () => {
    const { checks, fake, started, stateOf } = await screen()
    await checks.start(['path'])
    const work = started.at(-1)!
    fake.emit('job.state', { ...job(work, 'failed', 1), message: 'The disk is full.' })
    await settle()
    expect(stateOf('path')).toMatchObject({ state: 'failed', reason: 'The disk is full.' })
    fake.emit('job.state', job(work, 'running', 92))
    fake.emit('job.state', job(work, 'cancelled', 92))
    await settle()
    expect(stateOf('path').reason).toBe('The last run was cancelled; it goes on from what is stored.')
  })

  it('cancels those that wait before the one that runs', async () => {
    const { checks, fake, choices } = await screen()
    const work = (check: CheckName): Work => ({ kind: 'check', spec: choices.specs[check] })
    fake.emit('job.state', job(work('path'), 'running', 5))
    fake.emit('job.state', job(work('iou'), 'queued', 6))
    fake.emit('job.state', job(work('swap'), 'queued', 7))
    await checks.cancel(checks.all.value)
    expect(fake.calls.filter(({ name }) => name === 'jobs.cancel').map(({ argument }) => argument)).toEqual([
      { id: 7 },
      { id: 6 },
      { id: 5 },
    ])
  })

  it('tells an error of starting and lets it be tried again', async () => {
    const { checks, fake, stateOf } = await screen()
    const { call } = fake.host
    const refused = new VebiError('not-ready', 'The project is being closed.')
    Object.assign(fake.host, {
      call: (name: string, ...rest: unknown[]) =>
        name === 'jobs.start' ? Promise.reject(refused) : (call as (...all: unknown[]) => unknown)(name, ...rest),
    })
    await checks.start(['path'])
    await nextTick()
    expect(checks.error.value).toBe(refused)
    expect(stateOf('path').state).toBe('missing')
  })
})
