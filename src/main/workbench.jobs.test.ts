import { describe, expect, it } from 'vitest'
import { TINY_CLASSES, TINY_TRAIN } from './testing/tiny-project.ts'
import { tinyWorkbench } from './testing/tiny-workbench.ts'
import { ABLATION, ALL, EXPLANATION, PATH, WORKS } from './testing/tiny-works.ts'

const TRAINS = TINY_CLASSES.length * TINY_TRAIN

const { call, refusal, work, all, faults, project } = tinyWorkbench()

describe('jobs', () => {
  it('run one after another, report their first and last step, and are recorded', async () => {
    const [first, second, ...rest] = WORKS
    const started = await Promise.all([call('jobs.start', first), call('jobs.start', second)])
    expect(started.map(({ state }) => state)).toEqual(['queued', 'queued'])
    for (const each of rest.slice(0, -1)) await call('jobs.start', each)
    expect((await work(rest.at(-1)!)).state).toBe('finished')

    const jobs = (await call('jobs.list', {})).toReversed()
    expect(jobs.map(({ kind, state }) => [kind, state])).toEqual(WORKS.map(({ kind }) => [kind, 'finished']))
    expect(await call('jobs.list', { limit: 2 })).toEqual(jobs.toReversed().slice(0, 2))
    expect(await call('jobs.get', { id: jobs[0].id })).toEqual(jobs[0])
    expect(jobs[0].progress).toMatchObject({ phase: 'extract', done: TRAINS, total: TRAINS })
    const extraction = all('job.progress').filter(({ id }) => id === jobs[0].id).map(({ progress }) => progress.done)
    expect([extraction[0], extraction.at(-1)]).toEqual([0, TRAINS])
    const states = all('job.state').map(({ id, state }) => `${id} ${state}`)
    for (const [i, { id }] of jobs.entries()) {
      const own = states.filter((text) => text.startsWith(`${id} `))
      expect(own).toEqual([`${id} queued`, `${id} running`, `${id} finished`])
      if (i > 0) expect(states.indexOf(`${id} running`)).toBeGreaterThan(states.indexOf(`${jobs[i - 1].id} finished`))
    }
  })

  it('refuse what does not exist', async () => {
    const finished = 'Job 1 cannot be resumed: it is finished.'
    const sentence = `There is no job 999 in ${project().folder}.`
    for (const name of ['jobs.get', 'jobs.resume', 'jobs.cancel']) {
      expect(await refusal(name, { id: 999 })).toEqual({ code: 'bad-argument', sentence })
    }
    expect(await refusal('jobs.resume', { id: 1 })).toMatchObject({ sentence: finished })
  })

  it('fail with the sentence of their error', async () => {
    const job = await work({ kind: 'explanation', spec: { ...EXPLANATION, images: [999] } })
    expect(job).toMatchObject({ state: 'failed', message: 'There is no test image 999: they are numbered 0 to 14.' })
  })
})

describe('what jobs have stored', () => {
  it('are listed with their size, and removed', async () => {
    const before = await call('artifacts.list')
    expect(new Set(before.map(({ kind }) => kind))).toEqual(
      new Set([
        'responses', 'statistics', 'selection', 'ablation', 'average', 'explanation', 'evaluation', 'predictions',
      ]),
    )
    const found = before.filter(({ kind }) => kind === 'ablation' || kind === 'statistics')
    expect(await refusal('artifacts.remove', { ids: [found[0].id, 12345] })).toMatchObject({ code: 'bad-argument' })
    expect(await call('artifacts.list')).toEqual(before)
    const { bytes } = await call('artifacts.remove', { ids: found.map(({ id }) => id) })
    expect(bytes).toBe(found.reduce((sum, artifact) => sum + artifact.bytes, 0))
    expect(await refusal('ablation.result', ABLATION)).toMatchObject({ code: 'not-ready' })
    expect(await refusal('selection.at', { ...PATH, mu: 4 })).toMatchObject({ code: 'not-ready' })
    expect((await call('selection.summary', ALL)).features).toBeGreaterThan(0)
  })
})

it('meets no fault', () => expect(faults).toEqual([]))
