import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { VebiError } from '../../shared/errors.ts'
import type { Closable } from './database.ts'
import { storageFailure } from './storage-failure.ts'

const LOCK_FILE = 'project.lock'

/**
 * Makes this process the one writer of a project, until it closes the lock or dies: the lock is an open
 * exclusive transaction on an empty second SQLite file, which the operating system ends with the process.
 * The file stays behind, on purpose: deleting it would let two processes lock two different files.
 * Throws VebiError('busy') when another holder is alive.
 */
export function takeWriterLock(folder: string): Closable {
  const file = join(folder, LOCK_FILE)
  let database: Database.Database | undefined
  try {
    // On a file that it may not write SQLite grants BEGIN EXCLUSIVE as a mere shared lock.
    if (existsSync(file)) accessSync(file, constants.W_OK)
    database = new Database(file, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new VebiError('busy', `${folder} is in use by another process; close it there first.`, { cause: error })
    }
    throw storageFailure(error, file)
  }
  const held = database
  return { close: () => void held.close() }
}
