import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { VebiError } from '../../../shared/errors.ts'
import type { JobInfo, Work } from '../../../shared/work.ts'
import { useResult } from '../../composables/use-result.ts'
import { useJobsStore } from '../../stores/jobs.ts'
import { useProjectStore } from '../../stores/project.ts'
import { fakeHost, withHost, type Answers } from '../../testing/fake-host.ts'
import { sampleJob, sampleProject } from '../../testing/samples.ts'
import { useWriting } from './use-writing.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const report = (id: number, state: JobInfo['state'], message = ''): JobInfo =>
  sampleJob({ id, kind: 'report', state, message })
const WORK: Work = { kind: 'figures', spec: { folder: '/out', ids: null } }

async function opened(jobs: readonly JobInfo[], answers: Answers = {}) {
  const fake = fakeHost({
    'project.info': () => sampleProject(),
    'recent.list': () => [],
    'jobs.list': () => jobs,
    'report.written': () => ({ file: '/out/report.html', bytes: 1, sha256: '', figures: 2, missing: [] }),
    ...answers,
  })
  const { value } = withHost(fake.host, () => {
    const writing = useWriting('report', 'report')
    const written = effectScope().run(() => useResult('report.written', () => writing.written.value))!
    return { project: useProjectStore(), jobs: useJobsStore(), writing, written }
  })
  await value.project.load()
  value.jobs.listen()
  await settle()
  return { ...value, fake }
}

it('asks what was written by the latest job that finished, and nothing where none has', async () => {
  const none = await opened([report(2, 'running'), report(1, 'failed')])
  expect(none.written.state).toBe('idle')
  expect(none.fake.calls.map(({ name }) => name)).not.toContain('report.written')
  expect(none.writing.active.value?.id).toBe(2)

  const { written, fake } = await opened([report(4, 'cancelled'), report(3, 'finished'), report(1, 'finished')])
  expect(written.data?.figures).toBe(2)
  expect(fake.calls.filter(({ name }) => name === 'report.written')).toEqual([
    { name: 'report.written', argument: { job: 3 } },
  ])
})

it('says why the latest one has written nothing', async () => {
  expect((await opened([report(1, 'finished')])).writing.ended.value).toBeNull()
  expect((await opened([report(2, 'failed', 'The disk is full.')])).writing.ended.value?.message).toBe('The disk is full.')
  const { writing } = await opened([report(2, 'cancelled'), report(1, 'finished')])
  expect(writing.ended.value?.message).toBe('The report was cancelled: nothing was written.')
})

it('remembers the folder of a job that was started, and shows why one was not', async () => {
  const busy = new VebiError('busy', 'Another project is being opened.')
  let refused = true
  const { writing } = await opened([], {
    'jobs.start': () => {
      if (refused) throw busy
      return sampleJob({ kind: 'figures' })
    },
  })
  writing.folder.value = ' /out '
  await writing.start(() => WORK)
  await nextTick()
  expect([writing.failure.value, writing.remembered(), writing.starting.value]).toEqual([busy, null, false])
  refused = false
  await writing.start(() => WORK)
  expect([writing.failure.value, writing.remembered()]).toEqual([null, '/out'])
})
