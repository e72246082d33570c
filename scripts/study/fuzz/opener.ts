import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { VebiError } from '../../../src/shared/errors.ts'
import { openModel } from '../../../src/main/importers/index.ts'
import type { Base } from './bases.ts'
import { mutant } from './mutate.ts'

/** Files in memory where the system has such a folder. */
const SHARED_MEMORY = '/dev/shm'

/** V8's words for faults that nobody foresaw. */
const OF_THE_PROGRAM = /Cannot (read|set) propert|Cannot destructure|is not (a function|iterable|a constructor)|BigInt/

export type Outcome =
  | { readonly kind: 'model' }
  /** `trapped`: a library in WebAssembly ended in its midst, and cannot be relied on for another file. */
  | { readonly kind: 'refused'; readonly sentence: string; readonly trapped: boolean }
  /** What is no VebiError, or one without a sentence or the name of the file. */
  | { readonly kind: 'fault'; readonly reason: string }

/** A new folder for mutants. */
export function mutantFolder(): string {
  return mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'vebi-fuzz-'))
}

/** Writes mutants of one base into a folder and opens them. */
export class MutantOpener {
  private readonly base: Base
  private readonly seed: number
  readonly folder: string
  private readonly written = new Map<string, Buffer>()

  /** @param folder is empty, and removed by `close`. */
  constructor(base: Base, seed: number, folder = mutantFolder()) {
    this.base = base
    this.seed = seed
    this.folder = folder
  }

  write(number: number): void {
    this.writeFiles(mutant(this.base, this.seed, number))
  }

  private writeFiles(files: ReadonlyMap<string, Buffer>): void {
    for (const [name, bytes] of files) {
      if (this.written.get(name) === bytes) continue
      const file = join(this.folder, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
      this.written.set(name, bytes)
    }
  }

  /** Writes the base itself. */
  writeBase(): void {
    this.writeFiles(this.base.files)
  }

  /** What was written last. */
  async open(): Promise<Outcome> {
    const location = join(this.folder, this.base.main)
    try {
      await openModel(location)
      return { kind: 'model' }
    } catch (error) {
      if (!(error instanceof VebiError)) {
        return { kind: 'fault', reason: error instanceof Error ? (error.stack ?? '') : String(error) }
      }
      const sentence = error.message
      if (OF_THE_PROGRAM.test(sentence)) {
        return { kind: 'fault', reason: `"${sentence}" tells of the program, not of the file` }
      }
      if (/^\S.*[^\s.]\.$/s.test(sentence) && sentence.includes(this.folder)) {
        const trapped = error.cause instanceof Error && error.cause.name === 'RuntimeError'
        return { kind: 'refused', sentence, trapped }
      }
      return { kind: 'fault', reason: `"${sentence}" is no sentence that names the file` }
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
