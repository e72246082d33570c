import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { MemoryLimit } from '../../../src/main/importers/isolated/memory-limit.ts'
import { loadBases } from './bases.ts'
import { MutantOpener, type Outcome } from './opener.ts'

/** Entry of a process that opens mutants, and is ended for one that takes too long or too much. */

export interface Task {
  /** Position in `loadBases()`. */
  readonly base: number
  readonly seed: number
  /** Numbers of mutants. */
  readonly from: number
  readonly to: number
  readonly memory: number
  /** Of whoever asks, who empties it after a process that was ended. */
  readonly folder: string
}

export type Report =
  | { readonly kind: 'begun'; readonly number: number }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly milliseconds: number; readonly memory: number }
  /** `isSound`: the base itself is still opened, so that no mutant before was refused for another one's damage. */
  | { readonly kind: 'done'; readonly isSound: boolean }

const bases = loadBases()
const limit = new MemoryLimit()
let opener: MutantOpener | undefined

process.on('message', (task) => void run(task as Task))
process.on('disconnect', () => {
  opener?.close()
  process.exit()
})
process.on('SIGINT', () => {})

async function run({ base, seed, from, to, memory, folder }: Task): Promise<void> {
  opener = new MutantOpener(bases[base], seed, mkdtempSync(join(folder, 'mutants-')))
  limit.set(memory)
  for (let number = from; number < to; number++) {
    opener.write(number)
    await send({ kind: 'begun', number })
    const start = performance.now()
    const outcome = await opener.open()
    await send({ kind: 'ended', outcome, milliseconds: performance.now() - start, memory: process.memoryUsage.rss() })
    if (outcome.kind === 'refused' && outcome.trapped) {
      opener.close()
      return
    }
  }
  opener.writeBase()
  const isSound = (await opener.open()).kind === 'model'
  opener.close()
  await send({ kind: 'done', isSound })
}

function send(report: Report): Promise<void> {
  return new Promise((resolve) => process.send!(report, undefined, undefined, () => resolve()))
}
