/**
 * Opens the model named first and prints, as JSON, how long that and its report take, beside reading all its files
 * (named after it) with fs, in turn over several rounds, each from the disk where the system can be told to forget
 * what it has read; or, with `--memory` in front, the peak memory of one opening, of this process and of the one that
 * parses, over what they had before.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { IsolatedOpener } from '../../src/main/importers/isolated/open.ts'
import { inspect } from '../../src/main/jobs/inspection.ts'
import { secondsOf } from './measurement.ts'

const ROUNDS = 5

const asksMemory = process.argv[2] === '--memory'
const [model, ...files] = process.argv.slice(asksMemory ? 3 : 2)
const opener = new IsolatedOpener()
opener.warm()
// Until the process that parses has started, as it has in a window that is open.
await new Promise((resolve) => setTimeout(resolve, 3000))

if (asksMemory) {
  const before = processes().map((process) => memoryOf(process, 'VmRSS'))
  await opener.open(model)
  const peaks = processes().map((process) => memoryOf(process, 'VmHWM'))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  console.log(JSON.stringify({ bytes: sum(peaks) - sum(before) }))
} else {
  const rounds = []
  for (let round = 0; round <= ROUNDS; round++) {
    // As opening does, until all is in memory.
    const held: Buffer[] = []
    const fromDisk = forget(files)
    const read = await secondsOf(async () => {
      for (const file of files) held.push(await readFile(file))
    })
    held.length = 0
    forget(files)
    let report = 0
    const open = await secondsOf(async () => {
      const graph = await opener.open(model)
      report = await secondsOf(() => inspect(graph))
    })
    // The first one warms the compiler.
    if (round > 0) rounds.push({ read, open: open - report, report, fromDisk })
  }
  console.log(JSON.stringify(rounds))
}
opener.close()

/** Drops files from the page cache by GNU dd; false where it is not there. */
function forget(paths: readonly string[]): boolean {
  return paths.every((path) => {
    const { status } = spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
    return status === 0
  })
}

/** This process and its children. */
function processes(): string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  return ['self', ...children.filter((child) => child !== '')]
}

function memoryOf(process: string, field: 'VmRSS' | 'VmHWM'): number {
  const [, kibibytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${process}/status`, 'utf8'))!
  return Number(kibibytes) * 1024
}
