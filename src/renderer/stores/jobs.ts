import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { JobProgress } from '../../shared/jobs.ts'
import type { JobInfo, Work, WorkKind, WorkSpecs } from '../../shared/work.ts'
import { useHost } from '../api/host.ts'
import { canonical } from '../lib/canonical.ts'
import { jobTitle } from '../lib/job-titles.ts'
import { useNoticesStore } from './notices.ts'
import { useProjectStore } from './project.ts'

const LISTED = 200

/** The jobs of the open project. */
export const useJobsStore = defineStore('jobs', () => {
  const host = useHost()
  const project = useProjectStore()
  const notices = useNoticesStore()
  const byId = shallowReactive(new Map<number, JobInfo>())
  const progressById = shallowReactive(new Map<number, JobProgress>())
  /** The job that ended last, in any way; a new object for every end. */
  const ended = shallowRef<JobInfo | null>(null)
  /** Rises with every end. */
  const ends = ref(0)

  /** Latest first. */
  const list = computed(() => [...byId.values()].sort((a, b) => b.id - a.id))
  const running = computed(() => list.value.find(({ state }) => state === 'running') ?? null)
  const queued = computed(() => list.value.filter(({ state }) => state === 'queued').reverse())
  const active = computed(() => (running.value ? [running.value, ...queued.value] : queued.value))

  function take(job: JobInfo): void {
    const before = byId.get(job.id)
    byId.set(job.id, job)
    if (job.progress) progressById.set(job.id, job.progress)
    const wasPending = before === undefined || before.state === 'queued' || before.state === 'running'
    if (!wasPending || job.state === 'queued' || job.state === 'running') return
    ended.value = job
    ends.value++
    const title = jobTitle(job.kind)
    if (job.state === 'failed') notices.show(`${title} failed`, job.message, 'error')
    else notices.say(`${title} ${job.state}.`)
  }

  /** Listens from now on and follows the open project. */
  function listen(): void {
    host.on('job.state', take)
    host.on('job.progress', ({ id, progress }) => progressById.set(id, progress))
    watch(() => project.generation, reload, { immediate: true })
  }

  async function reload(): Promise<void> {
    const { generation } = project
    byId.clear()
    progressById.clear()
    if (!project.isOpen) return
    try {
      const jobs = await host.call('jobs.list', { limit: LISTED })
      if (generation !== project.generation) return
      for (const job of jobs) {
        // News that came in the meantime is newer.
        if (byId.has(job.id)) continue
        byId.set(job.id, job)
        if (job.progress) progressById.set(job.id, job.progress)
      }
    } catch (error) {
      notices.fail('The jobs cannot be listed', error)
    }
  }

  /** Queues a job. Throws VebiError. */
  async function start(work: Work): Promise<JobInfo> {
    const job = await host.call('jobs.start', work)
    // Its end may have been told before the answer came.
    if (!byId.has(job.id)) take(job)
    return job
  }

  async function startAll(works: readonly Work[]): Promise<void> {
    for (const work of works) await start(work)
  }

  async function resume(id: number): Promise<void> {
    await host.call('jobs.resume', { id })
  }

  async function cancel(id: number): Promise<void> {
    await host.call('jobs.cancel', { id })
  }

  /** Those that wait first, so that none of them begins. */
  async function cancelAll(): Promise<void> {
    for (const { id } of [...active.value].reverse()) await cancel(id)
  }

  /** The latest job of this work; null where there was none. */
  function stateOf<Kind extends WorkKind>(kind: Kind, spec: WorkSpecs[Kind]): JobInfo | null {
    const wanted = canonical(spec)
    return list.value.find((job) => job.kind === kind && canonical(job.spec) === wanted) ?? null
  }

  function progressOf(id: number): JobProgress | null {
    return progressById.get(id) ?? null
  }

  return {
    list,
    running,
    queued,
    active,
    ended,
    ends,
    listen,
    reload,
    start,
    startAll,
    resume,
    cancel,
    cancelAll,
    stateOf,
    progressOf,
  }
})
