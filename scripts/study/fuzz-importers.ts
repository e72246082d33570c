/**
 * Opens models that were damaged at random, and shows how that ends: each mutant must end in a model or in one sentence
 * that names the file, within 5 seconds and 1 GB.
 *   node scripts/study/fuzz-importers.ts [--count 10000] [--seed 1] [--file PART-OF-NAME] [--minutes M] [--only NUMBER]
 * `--count` mutants of each file, in batches of each file in turn, so that `--minutes` can end it early. `--only` opens
 * one mutant alone, whose number a run before has named. Exits 1 where one broke its promise.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadBases, type Base } from './fuzz/bases.ts'
import { MutantOpener, mutantFolder } from './fuzz/opener.ts'
import type { Report, Task } from './fuzz/worker.ts'

const MOST_MILLISECONDS = 5000
const MOST_MEMORY = 1e9
/** Mutants between which the next file has its turn. */
const BATCH = 250
/** A process that has grown beyond this is not used again: what one mutant takes would be hidden; bytes. */
const MOST_TO_GO_ON = 4e8
const WORKER = join(import.meta.dirname, 'fuzz', 'worker.ts')

interface Tally {
  mutants: number
  models: number
  refused: number
  slowest: number
  memory: number
  readonly violations: string[]
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string', default: '' },
    only: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
  },
})
const count = Number(values.count)
const seed = Number(values.seed)
const end = Date.now() + Number(values.minutes) * 60_000
const all = loadBases()
const chosen = all.filter(({ name, format }) => `${format} ${name}`.includes(values.file))
if (chosen.length === 0) {
  console.error(`No file has "${values.file}" in its name; there are ${all.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}
if (values.only !== undefined) {
  const opener = new MutantOpener(chosen[0], seed)
  opener.write(Number(values.only))
  console.log(await opener.open())
  opener.close()
  process.exit()
}

const tallies = new Map<Base, Tally>(
  chosen.map((base) => [base, { mutants: 0, models: 0, refused: 0, slowest: 0, memory: 0, violations: [] }]),
)
const folder = mutantFolder()
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(130))
let child: ChildProcess | undefined
for (let from = 0; from < count && Date.now() < end; from += BATCH) {
  for (const base of chosen) {
    for (let next = from; next < Math.min(from + BATCH, count) && Date.now() < end;) {
      next = await batch(base, next, Math.min(from + BATCH, count))
    }
  }
}
child?.kill('SIGKILL')
process.exitCode = show() === 0 ? 0 : 1

/** Opens mutants until `to` or until one ends the process; returns the number to go on with. */
function batch(base: Base, from: number, to: number): Promise<number> {
  const tally = tallies.get(base)!
  const worker = (child ??= fork(WORKER, [], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] }))
  return new Promise((resolve) => {
    let number = from
    let memory = 0
    let timer: NodeJS.Timeout | undefined
    const settle = (next: number): void => {
      clearTimeout(timer)
      worker.removeAllListeners()
      resolve(next)
    }
    const retire = (): void => {
      worker.removeAllListeners()
      worker.kill('SIGKILL')
      child = undefined
      removeLeftovers()
    }
    const broken = (reason: string): void => {
      tally.mutants++
      violate(tally, base, number, reason)
      retire()
      settle(number + 1)
    }
    worker.on('message', (message) => {
      const report = message as Report
      if (report.kind === 'done') {
        if (!report.isSound) violate(tally, base, number, 'opened no longer after the mutants before')
        if (memory > MOST_TO_GO_ON || !report.isSound) retire()
        settle(to)
      } else if (report.kind === 'begun') {
        number = report.number
        clearTimeout(timer)
        timer = setTimeout(() => broken(`took more than ${MOST_MILLISECONDS} ms`), MOST_MILLISECONDS)
      } else {
        clearTimeout(timer)
        tally.mutants++
        tally.slowest = Math.max(tally.slowest, report.milliseconds)
        memory = report.memory
        tally.memory = Math.max(tally.memory, memory)
        if (report.outcome.kind === 'model') tally.models++
        else if (report.outcome.kind === 'refused') tally.refused++
        else violate(tally, base, number, report.outcome.reason)
        // As in the program, where no other file is read by the process then.
        if (report.outcome.kind === 'refused' && report.outcome.trapped) {
          retire()
          settle(number + 1)
        }
      }
    })
    worker.once('exit', (code, signal) => {
      // So the watch over its memory ends it.
      if (signal === 'SIGKILL') broken(`took more than ${MOST_MEMORY / 1e6} MB`)
      else broken(`ended the process (${signal ?? code})`)
    })
    worker.send({ base: all.indexOf(base), seed, from, to, memory: MOST_MEMORY, folder } satisfies Task)
  })
}

function violate(tally: Tally, { name }: Base, number: number, reason: string): void {
  tally.violations.push(reason)
  console.log(`${name}, mutant ${number} of seed ${seed}: ${reason}`)
}

/** Of processes that were ended. */
function removeLeftovers(): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
}

function show(): number {
  const row = (...cells: (string | number)[]): void => {
    const [format, name, ...numbers] = cells.map(String)
    const columns = numbers.map((cell) => cell.padStart(10)).join('')
    console.log(`${format.padEnd(11)} ${name.slice(0, 48).padEnd(48)} ${columns}`)
  }
  row('format', 'file', 'mutants', 'models', 'refused', 'broken', 'slowest ms', 'memory MB')
  let violations = 0
  for (const [{ format, name }, tally] of tallies) {
    violations += tally.violations.length
    const { mutants, models, refused, slowest, memory } = tally
    row(format, name, mutants, models, refused, tally.violations.length, Math.round(slowest), Math.round(memory / 1e6))
  }
  const mutants = [...tallies.values()].reduce((sum, tally) => sum + tally.mutants, 0)
  console.log(`${mutants} mutants, ${violations} of which broke the promise.`)
  return violations
}
