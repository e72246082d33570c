import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { NewProject } from '../shared/project-info.ts'
import type { Work } from '../shared/work.ts'
import { openProject } from './store/project.ts'
import { recordedWorkbench } from './testing/recorder.ts'
import { TINY_CLASSES, TINY_TEST, writeTinyProject } from './testing/tiny-project.ts'

const SELECTION = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' } as const
const EXTRACTION: Work = { kind: 'extraction', spec: { preset: 'paper', layers: 'All' } }
const PREDICTIONS: Work = { kind: 'predictions', spec: {} }

/** Takes many batches: it is stopped long before its end. */
function ablation(seed: number): Work {
  const spec = { selections: [SELECTION], replacement: 'zero', repeats: 60, points: 5, seed } as const
  return { kind: 'ablation', spec }
}

let root: string
let options: NewProject
const opened: { close(): Promise<void> }[] = []

/** A new workbench on the project, as a program that starts. */
function startProgram(): ReturnType<typeof recordedWorkbench> {
  const program = recordedWorkbench()
  opened.push(program)
  return program
}

beforeAll(async () => {
  ;({ root, options } = await writeTinyProject())
  const program = startProgram()
  await program.call('project.create', options)
  await program.call('project.open', { folder: options.folder })
  expect((await program.work(EXTRACTION)).state).toBe('finished')
  await program.call('project.close')
})

afterEach(async () => {
  for (const program of opened.splice(0)) await program.close()
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('cancel', () => {
  it('stops the running job at its next step, which can be resumed; the next job takes its turn', async () => {
    const { call, heard, ended, all, faults } = startProgram()
    await call('project.open', { folder: options.folder })
    const { id } = await call('jobs.start', ablation(1))
    const next = await call('jobs.start', PREDICTIONS)
    await heard('job.progress', (event) => event.id === id && event.progress.phase === 'ablate')
    const steps = all('job.progress').length
    const stopped = ended(id)
    expect((await call('jobs.cancel', { id })).state).toBe('running')
    expect(await stopped).toMatchObject({ state: 'cancelled', message: 'Cancelled by the user.' })
    expect(all('job.progress').length - steps).toBeLessThanOrEqual(1)
    expect((await ended(next.id)).state).toBe('finished')

    const resumed = await call('jobs.resume', { id })
    expect(resumed).toMatchObject({ id, state: 'queued', message: '', progress: null, endedAt: null })
    expect(await ended(id)).toMatchObject({ state: 'finished', message: '' })
    expect(faults).toEqual([])
  })

  it('takes a waiting job out of the queue before it starts', async () => {
    const { call, heard, ended, all } = startProgram()
    await call('project.open', { folder: options.folder })
    const running = await call('jobs.start', ablation(2))
    const waiting = await call('jobs.start', PREDICTIONS)
    await heard('job.progress', (event) => event.id === running.id)
    expect((await call('jobs.cancel', { id: waiting.id })).state).toBe('cancelled')

    const back = await call('jobs.resume', { id: waiting.id })
    expect(back.state).toBe('queued')
    expect((await call('jobs.list', { limit: 1 }))[0].state).toBe('queued')
    expect(await call('jobs.cancel', { id: waiting.id })).toMatchObject({ state: 'cancelled' })
    const stopped = ended(running.id)
    await call('jobs.cancel', { id: running.id })
    await stopped
    expect(all('job.state').filter(({ id }) => id === waiting.id).map(({ state }) => state)).toEqual([
      'queued', 'cancelled', 'queued', 'cancelled',
    ])
    expect(await call('jobs.cancel', { id: running.id })).toMatchObject({ state: 'cancelled' })
  })
})

describe('start', () => {
  it('returns the job that waits or runs already for the same work', async () => {
    const { call, heard, ended } = startProgram()
    await call('project.open', { folder: options.folder })
    const first = await call('jobs.start', ablation(3))
    const second = await call('jobs.start', PREDICTIONS)
    expect((await call('jobs.start', PREDICTIONS)).id).toBe(second.id)
    await heard('job.progress', (event) => event.id === first.id)
    const again = await call('jobs.start', ablation(3))
    expect(again).toMatchObject({ id: first.id, state: 'running', progress: { unit: 'images' } })
    const other = await call('jobs.start', ablation(4))
    expect(other.id).not.toBe(first.id)
    await call('jobs.cancel', { id: other.id })
    const stopped = ended(second.id)
    await call('jobs.cancel', { id: first.id })
    expect((await stopped).state).toBe('finished')
    expect((await call('jobs.start', PREDICTIONS)).id).not.toBe(second.id)
  })
})

describe('close', () => {
  it('stops a running job, which the next program finds interrupted and can resume', async () => {
    const first = startProgram()
    await first.call('project.open', { folder: options.folder })
    const { id } = await first.call('jobs.start', ablation(5))
    const waiting = await first.call('jobs.start', PREDICTIONS)
    await first.heard('job.progress', (event) => event.id === id)
    await first.call('project.close')
    expect(first.all('project.changed').at(-1)).toBeNull()
    expect(await first.refusal('jobs.list')).toMatchObject({ code: 'not-ready' })

    const second = startProgram()
    await second.call('project.open', { folder: options.folder })
    expect(await second.call('jobs.get', { id })).toMatchObject({
      state: 'interrupted',
      message: 'The program stopped before the job ended.',
    })
    expect(await second.call('jobs.get', { id: waiting.id })).toMatchObject({
      state: 'cancelled',
      message: 'The project was closed before its turn.',
    })
    await second.call('jobs.resume', { id })
    expect(await second.ended(id)).toMatchObject({ id, state: 'finished' })
    expect([...first.faults, ...second.faults]).toEqual([])
  })

  it('finds what a crash left waiting, and does not start it by itself', async () => {
    const store = openProject(options.folder, { mode: 'open' })
    const id = store.jobs.add('predictions', {})
    store.close()
    const { call } = startProgram()
    await call('project.open', { folder: options.folder })
    expect(await call('jobs.get', { id })).toMatchObject({
      state: 'cancelled',
      message: 'The program stopped before its turn.',
    })
  })

  it('keeps results from being removed while a job runs', async () => {
    const { call, refusal, heard } = startProgram()
    await call('project.open', { folder: options.folder })
    const { id } = await call('jobs.start', ablation(6))
    await heard('job.progress', (event) => event.id === id)
    const [{ id: artifact }] = await call('artifacts.list')
    expect(await refusal('artifacts.remove', { ids: [artifact] })).toEqual({
      code: 'busy',
      sentence: `A job is running in ${options.folder}: cancel it first, or wait for its end.`,
    })
  })

  it('ends an opening that is under way and leaves nothing open', async () => {
    const { call, refusal, all } = startProgram()
    const opening = refusal('project.open', { folder: options.folder })
    expect(await refusal('project.create', { ...options, folder: join(root, 'other') })).toEqual({
      code: 'busy',
      sentence: 'Another project is just being made or opened.',
    })
    await call('project.close')
    expect(await opening).toMatchObject({ code: 'cancelled' })
    expect(await call('project.info')).toBeNull()
    expect(all('project.changed')).toEqual([])
    const info = await call('project.open', { folder: options.folder })
    expect(info.test.images).toBe(TINY_CLASSES.length * TINY_TEST)
  })

  it('lets an answer that is under way end before anything is released', async () => {
    const { call, all } = startProgram()
    await call('project.open', { folder: options.folder })
    const order: string[] = []
    const answer = call('images.picture', { image: 'train/0', view: 'displayed', maxSide: 64 })
    const answered = answer.then((picture) => order.push(`picture of ${picture.width}`))
    await Promise.all([answered, call('project.close').then(() => order.push('closed'))])
    expect(order).toEqual([expect.stringMatching(/^picture of \d+$/), 'closed'])
    expect(all('project.changed').at(-1)).toBeNull()
  })

  it('releases the project for another program', async () => {
    const first = startProgram()
    const second = startProgram()
    await first.call('project.open', { folder: options.folder })
    expect(await second.refusal('project.open', { folder: options.folder })).toMatchObject({ code: 'busy' })
    await Promise.all([first.close(), first.close()])
    await second.call('project.open', { folder: options.folder })
    expect(first.all('project.changed').filter((info) => info === null)).toHaveLength(1)
  })
})
