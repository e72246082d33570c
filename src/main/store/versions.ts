import { createRequire } from 'node:module'
import Database from 'better-sqlite3'

export interface StoreVersions {
  readonly betterSqlite3: string
  readonly sqlite: string
}

/** Versions of the database library; throws when its native part does not load. */
export function storeVersions(): StoreVersions {
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string }
  const database = new Database(':memory:')
  try {
    return { betterSqlite3: version, sqlite: database.prepare('SELECT sqlite_version()').pluck().get() as string }
  } finally {
    database.close()
  }
}
