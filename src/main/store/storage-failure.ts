import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { VebiError } from '../../shared/errors.ts'

/** Below this much free space an input/output error is taken for a full disk. */
const NO_SPACE_BYTES = 2 ** 20

const DENIED = new Set(['EACCES', 'EPERM', 'EROFS', 'SQLITE_PERM', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'])
const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])

/**
 * The error to throw when SQLite or the file system failed on `path`: one sentence for what a user can
 * meet (full disk, damaged file, no permission, in use). Any other value is handed back as it is.
 */
export function storageFailure(error: unknown, path: string): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const fail = (kind: ConstructorParameters<typeof VebiError>[0], sentence: string) =>
    new VebiError(kind, sentence, { cause: error })
  // Extended codes read SQLITE_CORRUPT_INDEX; the first two words name the failure.
  const primary = code.startsWith('SQLITE_') ? code.split('_').slice(0, 2).join('_') : code
  if (FULL.has(primary) || (primary === 'SQLITE_IOERR' && hasNoSpace(path))) {
    return fail('disk-full', `The disk is full: ${path} cannot grow; what was stored before is intact.`)
  }
  if (DENIED.has(primary)) {
    return fail('bad-file', `${path} cannot be opened or written: ${meaningOf(error)}.`)
  }
  switch (primary) {
    case 'SQLITE_NOTADB':
      return fail('bad-file', `${path} is not a SQLite database.`)
    case 'SQLITE_CORRUPT':
      return fail('bad-file', `${path} is damaged or cut short: ${meaningOf(error)}.`)
    case 'SQLITE_IOERR':
      return fail('bad-file', `${path} cannot be read or written: ${meaningOf(error)} (${code}).`)
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return fail('busy', `${path} is in use by another process: ${meaningOf(error)}.`)
    case 'ENOENT':
      return fail('missing-file', `${path} does not exist.`)
    case 'ENOTDIR':
    case 'EEXIST':
      return fail('bad-file', `${path} is not a folder.`)
    default:
      return fail('internal', `${path}: ${meaningOf(error)} (${code}).`)
  }
}

/** SQLite's result code, or the operating system's for a failed call of `node:fs`. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) return error.code
  if (error instanceof Error && 'errno' in error && 'code' in error) return String(error.code)
  return undefined
}

function meaningOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}

/** SQLite reports a full disk as SQLITE_FULL only for the database and its log, not for its shared memory. */
function hasNoSpace(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize < NO_SPACE_BYTES
  } catch {
    return false
  }
}
