import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openProject, type ProjectStore } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()
const program = join(import.meta.dirname, 'testing', 'writer-process.ts')

const children: ChildProcess[] = []
afterEach(() => Promise.all(children.splice(0).map(killed)))

/** Starts the program and resolves when it has printed `lines` lines or has died. */
async function start(folder: string, mode: string, lines: number): Promise<{ child: ChildProcess; printed: string[] }> {
  const child = spawn(process.execPath, [program, folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const printed: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line)
    if (printed.length === lines) break
  }
  return { child, printed }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

/** Every part that is there holds its three arrays, whole. */
function expectWholeParts(store: ProjectStore): number[] {
  const writer = store.artifacts.begin('responses', { images: 'a' })
  const parts = writer.parts()
  for (const part of parts) {
    expect(store.artifacts.partMeta(writer.artifact, part)).toEqual({ part })
    expect(store.artifacts.arrays(writer.artifact, part)).toEqual([
      { name: 'first', dtype: 'float32', shape: [300_000] },
      { name: 'second', dtype: 'float32', shape: [100_000] },
      { name: 'third', dtype: 'int32', shape: [7] },
    ])
    for (const name of ['first', 'second']) {
      const { data } = store.artifacts.read(writer.artifact, part, name, 'float32')
      expect(data.every((value) => value === part)).toBe(true)
    }
  }
  const bytes = parts.length * 1_600_028
  expect(store.artifacts.list()).toMatchObject([{ complete: false, parts: parts.length, bytes }])
  return parts
}

describe('a process that is killed', () => {
  it('leaves no lock behind', async () => {
    const folder = temporaryFolder()
    openProject(folder, { mode: 'create' }).close()
    const { child } = await start(folder, 'hold', 1)
    expect(failureOf(() => openProject(folder, { mode: 'open' }))).toEqual({
      code: 'busy',
      sentence: `${folder} is in use by another process; close it there first.`,
    })
    const reader = openProject(folder, { mode: 'read' })
    expect(reader.jobs.list()).toMatchObject([{ state: 'running' }])
    reader.close()
    await killed(child)
    const store = openProject(folder, { mode: 'open' })
    expect(store.jobs.list()).toMatchObject([{ state: 'interrupted' }])
    store.close()
  })

  it('between two arrays of a part leaves no trace of that part', async () => {
    const folder = temporaryFolder()
    openProject(folder, { mode: 'create' }).close()
    const { child, printed } = await start(folder, 'torn', Infinity)
    await killed(child)
    expect(printed).toEqual(['open', '0', '1'])
    const store = openProject(folder, { mode: 'open' })
    expect(expectWholeParts(store)).toEqual([0, 1])
    store.close()
  })

  it('at any moment leaves whole parts, each that was acknowledged among them, and is resumed', async () => {
    const folder = temporaryFolder()
    openProject(folder, { mode: 'create' }).close()
    let stored = 0
    for (const [round, lines] of [2, 4, 3].entries()) {
      const { child, printed } = await start(folder, 'loop', lines)
      await delay(3 * round)
      await killed(child)
      const store = openProject(folder, { mode: 'open' })
      const parts = expectWholeParts(store)
      expect(parts).toEqual(Array.from({ length: parts.length }, (_, index) => index))
      expect(parts.length).toBeGreaterThanOrEqual(stored + printed.length - 1)
      stored = parts.length
      store.close()
    }
    expect(stored).toBeGreaterThanOrEqual(6)
  })
})
