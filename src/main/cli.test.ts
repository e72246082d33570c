import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { analysisDefaults, type AnalysisOptions } from '../shared/analysis.ts'
import { analyse } from './jobs/analysis.ts'
import { openProject } from './store/project.ts'
import { discard, idxIngredients, inProject, jobsOf, newProject, quiet, resultsOf } from './testing/projects.ts'
import type { Ingredients } from './testing/projects.ts'

/** The real program in a process of its own. */

const program = join(import.meta.dirname, '..', '..', 'bin', 'vebi.mjs')

let ingredients: Ingredients
beforeAll(async () => {
  ingredients = await idxIngredients()
})
afterAll(() => discard(ingredients))

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Interruption {
  /** What must stand on stderr before the signals are sent. */
  readonly at: RegExp
  readonly signal: NodeJS.Signals
}

/** Runs `vebi` with the words; an interruption sends its signal as soon as stderr shows its cue. */
async function vebi(words: readonly string[], interruption?: Interruption): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let stdout = ''
  let stderr = ''
  let sent = false
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
    if (interruption === undefined || sent || !interruption.at.test(stderr)) return
    sent = true
    child.kill(interruption.signal)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

/** Enough random sets that the ablation is still going on when a signal arrives. */
const options: AnalysisOptions = { ...analysisDefaults('paper'), repeats: 15, points: 5, patches: 10 }
const run = (folder: string): string[] =>
  ['run', folder, '--json', '--repeats', '15', '--points', '5', '--patches', '10']

const statesOf = (folder: string): string[] => jobsOf(folder).map(({ kind, state }) => `${kind} ${state}`)

describe('vebi run', () => {
  it('after Ctrl-C and after kill -9 goes on and ends with the same results as an uninterrupted run', async () => {
    const reference = await newProject(ingredients, 'reference')
    await inProject(reference, (project) => analyse(project, options, quiet()))

    const folder = await newProject(ingredients, 'interrupted')
    const cancelled = await vebi(run(folder), { at: /^extract: /m, signal: 'SIGINT' })
    expect(cancelled).toMatchObject({ code: 130, signal: null, stdout: '' })
    expect(cancelled.stderr).toContain('Stopping after this batch (Ctrl-C again to stop at once) ...')
    expect(cancelled.stderr).toMatch(/\nCancelled\. What was finished is kept; the same command goes on from there\.\n$/)
    expect(cancelled.stderr).not.toContain('ablate: 600/600')
    expect(statesOf(folder)[0]).toMatch(/ cancelled$/)

    const killed = await vebi(run(folder), { at: /^ablate: /m, signal: 'SIGKILL' })
    expect(killed).toMatchObject({ code: null, signal: 'SIGKILL', stdout: '' })
    expect(statesOf(folder)[0]).toBe('ablation running')

    const finished = await vebi(run(folder))
    expect(finished).toMatchObject({ code: 0, signal: null })
    expect(finished.stderr).toMatch(/^ablate: 600\/600 images/m)
    expect(JSON.parse(finished.stdout)).toMatchObject({
      extraction: { images: 1100 }, ablation: { repeats: 15 }, masks: null,
    })
    // The extraction had been finished by the run that was killed.
    expect(finished.stderr).not.toMatch(/^extract: /m)
    expect(resultsOf(folder)).toEqual(resultsOf(reference))
    expect(statesOf(folder).slice(0, 7)).toEqual([
      'explanation finished', 'averages finished', 'ablation finished', 'selection finished', 'selection finished',
      'extraction finished', 'ablation interrupted',
    ])
  }, 150_000)
})

describe('vebi', () => {
  it('names the option that it does not understand and ends with exit code 1', async () => {
    const value = await vebi(['run', 'project', '--mu', 'ten'])
    expect(value).toMatchObject({ code: 1, stdout: '' })
    expect(value.stderr).toMatch(/^error: option '--mu <mu>' argument 'ten' is invalid. It must be a number.$/m)
  })

  it('makes a project and refuses, in one sentence, one that is in use', async () => {
    const { root, model, train, test } = ingredients
    const folder = join(root, 'made')
    const words = ['init', folder, '--model', model, '--train', train, '--test', test, '--scale', '1/255']
    const made = await vebi(words)
    expect(made).toMatchObject({ code: 0, stdout: `${folder}: 4 classes, ready for "vebi run ${folder}".\n` })

    const holder = openProject(folder, { mode: 'open' })
    expect(holder.config({ safeParse: (value) => ({ success: true, data: value }) })).toMatchObject({
      model, train, test, preprocessing: { scale: 1 / 255 },
    })
    const busy = await vebi(['extract', folder])
    holder.close()
    expect(busy).toMatchObject({
      code: 1, stdout: '', stderr: `vebi: ${folder} is in use by another process; close it there first.\n`,
    })
  })

  it('ends with one sentence and exit code 1 when a file is bad', async () => {
    const file = join(ingredients.root, 'model.json')
    await writeFile(file, 'not json')
    const bad = await vebi(['inspect', file])
    await rm(file)
    expect(bad).toMatchObject({ code: 1, stdout: '' })
    expect(bad.stderr).toMatch(/^vebi: .+\.\n$/)
    expect(bad.stderr).toContain(file)
  })
})
