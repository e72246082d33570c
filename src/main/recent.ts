import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { RecentProject } from '../shared/folders.ts'
import { holdsProject } from './store/project.ts'
import { storageFailure } from './store/storage-failure.ts'

const MOST_KEPT = 20

const schema = z.array(z.strictObject({ folder: z.string().min(1), openedAt: z.number() }))
type Entries = z.infer<typeof schema>

/** The projects that were opened lately, in a file of the user's own. A damaged file counts as an empty list. */
export class RecentProjects {
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  /** Latest first. */
  list(): Promise<RecentProject[]> {
    return Promise.all(
      this.read().map(async ({ folder, openedAt }) => ({ folder, openedAt, exists: await holdsProject(folder) })),
    )
  }

  /** Throws where the file cannot be written. */
  record(folder: string, openedAt = Date.now()): void {
    const path = resolve(folder)
    this.write([{ folder: path, openedAt }, ...this.read().filter((entry) => entry.folder !== path)])
  }

  /** Throws where the file cannot be written. A folder that is not in the list is passed over. */
  remove(folder: string): void {
    const path = resolve(folder)
    const entries = this.read()
    const left = entries.filter((entry) => entry.folder !== path)
    if (left.length < entries.length) this.write(left)
  }

  private read(): Entries {
    try {
      return schema.parse(JSON.parse(readFileSync(this.file, 'utf8')))
    } catch {
      return []
    }
  }

  private write(entries: Entries): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true })
      const draft = `${this.file}.${process.pid}.partial`
      writeFileSync(draft, `${JSON.stringify(entries.slice(0, MOST_KEPT), null, 2)}\n`)
      renameSync(draft, this.file)
    } catch (error) {
      throw storageFailure(error, this.file)
    }
  }
}
