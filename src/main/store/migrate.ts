import { VebiError } from '../../shared/errors.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

/** One numbered step of the schema. Runs inside a transaction with foreign keys unchecked until its end. */
export type Migration = (database: WritableDatabase) => void

/** "VEBI" in ASCII: tells a project from any other SQLite file (`PRAGMA application_id`). */
const APPLICATION_ID = 0x56454249

/** Number of the last migration that a database has seen; 0 for an empty one. */
export function schemaVersion(database: ReadableDatabase): number {
  return database.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
}

/** Throws VebiError when the file is not a project, or one of a newer version of the program. */
export function checkIdentity(database: ReadableDatabase, newest: number): void {
  const id = database.get<{ application_id: number }>('PRAGMA application_id')?.application_id
  if (id !== APPLICATION_ID) {
    throw new VebiError('bad-file', `${database.file} is a SQLite database, but not a VEBI project.`)
  }
  const version = schemaVersion(database)
  if (version > newest) {
    throw new VebiError(
      'unsupported',
      `${database.file} was written by a newer version of VEBI Workbench ` +
        `(format ${version}; this version reads up to ${newest}).`,
    )
  }
}

/**
 * Brings a database to the newest version: migration i of the list leads from version i to i + 1. Each
 * commits by itself together with its number, so a crash between two of them loses nothing.
 */
export function migrate(database: WritableDatabase, migrations: readonly Migration[]): void {
  // SQLite ignores this setting inside a transaction; a migration that rebuilds a table needs it off.
  database.execute('PRAGMA foreign_keys = OFF')
  for (let version = schemaVersion(database); version < migrations.length; version++) {
    database.transaction(() => {
      migrations[version]?.(database)
      const orphans = database.all<{ table: string }>('PRAGMA foreign_key_check')
      if (orphans.length > 0) {
        throw new VebiError(
          'internal',
          `${database.file}: update ${version + 1} would leave ${orphans.length} orphaned rows ` +
            `in "${orphans[0]?.table}".`,
        )
      }
      database.execute(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}`)
    })
  }
  database.execute('PRAGMA foreign_keys = ON')
}
