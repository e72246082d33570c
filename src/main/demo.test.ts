import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { withProject } from './app.ts'
import { demoFolder, prepareDemo } from './demo.ts'
import { failureOf, quiet, recording } from './testing/projects.ts'
import { recordedWorkbench } from './testing/recorder.ts'

const root = mkdtempSync(join(tmpdir(), 'vebi-demo-'))
/** Six classes, with 2 + 1 + 1 images each. */
const SMALL = { variant: 'single-6c', count: 2 } as const

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('prepareDemo', () => {
  it('makes a project that opens, once', async () => {
    const out = join(root, 'whole')
    const { context, steps } = recording()
    const folder = await prepareDemo({ out, ...SMALL }, context)
    expect(folder).toBe(join(out, 'project-single-6c'))
    expect(readdirSync(out).sort()).toEqual(['an8flower-single-6c', 'models', 'project-single-6c'])
    expect(steps.filter(({ phase }) => phase === 'generate').at(-1)).toMatchObject({ done: 24, total: 24 })
    expect(steps.at(-1)).toMatchObject({ phase: 'read test images', done: 6, total: 6 })
    await withProject(folder, {}, async ({ train, test, config }) => {
      expect([train.records.length, test.records.length]).toEqual([12, 6])
      expect(test.records.every(({ hasMask }) => hasMask)).toBe(true)
      expect(config).toMatchObject({ model: join(out, 'models', 'single-6c'), preprocessing: { scale: 1 / 255 } })
    })
    const made = statSync(join(folder, 'project.sqlite')).mtimeMs
    expect(await prepareDemo({ out, ...SMALL }, quiet())).toBe(folder)
    expect(statSync(join(folder, 'project.sqlite')).mtimeMs).toBe(made)
  })

  it('brings back images and model that were lost', async () => {
    const out = join(root, 'whole')
    const image = join(out, 'an8flower-single-6c', 'test')
    const [name] = readdirSync(image)
    rmSync(join(image, name), { recursive: true })
    rmSync(join(out, 'models'), { recursive: true })
    const folder = await prepareDemo({ out, ...SMALL }, quiet())
    await withProject(folder, {}, async ({ test }) => expect(test.records).toHaveLength(6))
  })

  it('goes on after it was stopped, and takes no half project for a whole one', async () => {
    const out = join(root, 'stopped')
    const first = recording(({ done }, cancel) => done === 9 && cancel())
    expect((await failureOf(prepareDemo({ out, ...SMALL }, first.context))).code).toBe('cancelled')
    expect(readdirSync(out)).toEqual(['an8flower-single-6c'])
    const second = recording(({ phase }, cancel) => phase === 'read train images' && cancel())
    expect((await failureOf(prepareDemo({ out, ...SMALL }, second.context))).code).toBe('cancelled')
    expect(second.steps[0]).toMatchObject({ phase: 'generate', done: 0 })
    expect(existsSync(join(out, 'project-single-6c'))).toBe(false)
    // What a process leaves that is killed while it writes the project or the model.
    mkdirSync(join(out, 'project-single-6c.partial'))
    writeFileSync(join(out, 'project-single-6c.partial', 'project.sqlite'), 'half')
    rmSync(join(out, 'models'), { recursive: true })
    mkdirSync(join(out, 'models', 'single-6c.partial'), { recursive: true })
    writeFileSync(join(out, 'models', 'single-6c.partial', 'model.json'), 'half')
    const folder = await prepareDemo({ out, ...SMALL }, quiet())
    await withProject(folder, {}, async ({ train }) => expect(train.records).toHaveLength(12))
    expect(readdirSync(out).sort()).toEqual(['an8flower-single-6c', 'models', 'project-single-6c'])
  })

  it('does not write over a folder that is no project', async () => {
    const out = join(root, 'taken')
    const folder = join(out, 'project-single-6c')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'thesis.txt'), 'mine')
    expect(await failureOf(prepareDemo({ out, ...SMALL }, quiet()))).toEqual({
      code: 'bad-argument',
      sentence: `${folder} is in the way of the demo: move it to another place.`,
    })
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('mine')
  })
})

describe('demo.prepare', () => {
  it("works in the user's own folder, tells how far it is and ends with the project", async () => {
    process.env['VEBI_STATE'] = join(root, 'state')
    const { call, refusal, heard, all, close } = recordedWorkbench()
    const ending = refusal('demo.prepare')
    const first = await heard('project.progress')
    expect(first).toEqual({ phase: 'generate', done: 0, total: 1050 })
    expect(await refusal('demo.prepare')).toMatchObject({ code: 'busy' })
    await heard('project.progress', ({ done }) => done > 4)
    await call('project.close')
    expect((await ending).code).toBe('cancelled')
    expect(all('project.changed')).toEqual([])
    expect(readdirSync(demoFolder(join(root, 'state')))).toEqual(['an8flower-single-6c'])
    await close()
  })
})
