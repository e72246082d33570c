import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { makeFolder } from '../make-folder.ts'

/** Files that are written out of sight and appear all at once. */
export interface StagedFiles {
  /** Absolute path of the folder that they are meant for. */
  readonly folder: string
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Puts the files in their places, in the order of writing; those of the same names are replaced. */
  publish(): Promise<void>
  /** Removes what was not published. */
  discard(): Promise<void>
}

/**
 * Makes the folder where it is missing and, in it, a hidden one to write into: on the same disk, so that publishing
 * only renames. Throws VebiError('disk-full' or 'bad-file') with the reason in words.
 */
export async function stageFiles(target: string): Promise<StagedFiles> {
  const folder = path.resolve(target)
  const hidden = await explained(folder, async () => {
    makeFolder(folder)
    return mkdtemp(path.join(folder, '.vebi-'))
  })
  const names: string[] = []
  return {
    folder,
    async write(name, bytes) {
      await explained(path.join(folder, name), () => writeFile(path.join(hidden, name), bytes))
      names.push(name)
    },
    async publish() {
      for (const name of names) {
        const place = path.join(folder, name)
        await explained(place, () => rename(path.join(hidden, name), place))
      }
    },
    discard: () => rm(hidden, { recursive: true, force: true }),
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written there',
  EPERM: 'it may not be written there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'there is a file of that name',
  EISDIR: 'there is a folder of that name',
  ENOTEMPTY: 'there is a folder of that name',
  ENAMETOOLONG: 'the path is too long',
}

async function explained<Value>(place: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    const reason = REASONS[code] ?? reasonOf(error)
    throw new VebiError(full ? 'disk-full' : 'bad-file', `${place} cannot be written: ${reason}.`, { cause: error })
  }
}
