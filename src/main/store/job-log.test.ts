import { describe, expect, it } from 'vitest'
import { openProject } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()
const halfway = { phase: 'extract', done: 50, total: 100, unit: 'images', rate: 12.5, secondsLeft: 4 }

describe('jobs', () => {
  it('are recorded from queue to end', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const { jobs } = store
    const id = jobs.add('extraction', { preset: 'paper', layers: 'All' })
    expect(jobs.get(id)).toMatchObject({ state: 'queued', progress: null, startedAt: null, endedAt: null, message: '' })
    jobs.start(id)
    jobs.progress(id, halfway)
    expect(jobs.get(id)).toMatchObject({ state: 'running', progress: halfway, endedAt: null })
    jobs.end(id, 'failed', 'The disk is full.')
    const job = jobs.get(id)
    expect(job).toMatchObject({ id, kind: 'extraction', state: 'failed', message: 'The disk is full.' })
    expect(job?.progress).toEqual(halfway)
    expect(job?.spec).toEqual({ preset: 'paper', layers: 'All' })
    expect(Math.abs((job?.endedAt ?? 0) - Date.now())).toBeLessThan(60_000)
    expect((job?.endedAt ?? 0) >= (job?.startedAt ?? 0) && (job?.startedAt ?? 0) >= (job?.queuedAt ?? 0)).toBe(true)
    store.close()
  })

  it('are listed latest first, by state and number', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const [first, second, third] = ['extraction', 'selection', 'ablation'].map((kind) => store.jobs.add(kind, {}))
    store.jobs.start(second ?? 0)
    expect(store.jobs.list().map(({ id }) => id)).toEqual([third, second, first])
    expect(store.jobs.list({ limit: 1 }).map(({ id }) => id)).toEqual([third])
    expect(store.jobs.list({ state: 'queued' }).map(({ id }) => id)).toEqual([third, first])
    store.close()
  })

  it('that an earlier process left running become interrupted and can be resumed', () => {
    const folder = temporaryFolder()
    const earlier = openProject(folder, { mode: 'create' })
    const running = earlier.jobs.add('extraction', {})
    earlier.jobs.start(running)
    earlier.jobs.progress(running, halfway)
    const queued = earlier.jobs.add('selection', {})
    earlier.close()

    const reader = openProject(folder, { mode: 'read' })
    expect(reader.jobs.get(running)?.state).toBe('running')
    reader.close()

    const store = openProject(folder, { mode: 'open' })
    expect(store.jobs.get(running)).toMatchObject({ state: 'interrupted', progress: halfway })
    expect(store.jobs.get(running)?.endedAt).not.toBeNull()
    expect(store.jobs.get(queued)?.state).toBe('queued')
    store.jobs.start(running)
    expect(store.jobs.get(running)).toMatchObject({ state: 'running', progress: null, message: '', endedAt: null })
    store.close()
  })

  it('refuse a step that their state does not allow', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const id = store.jobs.add('extraction', {})
    const sentence = (work: () => void) => failureOf(work).sentence
    expect(sentence(() => store.jobs.progress(id, halfway))).toBe(`Job ${id} cannot report progress: it is queued.`)
    store.jobs.start(id)
    expect(sentence(() => store.jobs.start(id))).toBe(`Job ${id} cannot start: it is running.`)
    store.jobs.end(id, 'finished')
    expect(sentence(() => store.jobs.end(id, 'cancelled'))).toBe(`Job ${id} cannot end: it is finished.`)
    expect(sentence(() => store.jobs.start(id))).toBe(`Job ${id} cannot start: it is finished.`)
    expect(sentence(() => store.jobs.start(99))).toBe('Job 99 cannot start: it is unknown.')
    store.close()
  })
})
