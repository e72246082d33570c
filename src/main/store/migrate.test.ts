import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createWritable, openWritable, type WritableDatabase } from './database.ts'
import { checkIdentity, migrate, type Migration, schemaVersion } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openProject } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()
const empty = () => createWritable(join(temporaryFolder(), 'project.sqlite'))
const tablesOf = (database: WritableDatabase) =>
  database
    .all<{ name: string }>('SELECT name FROM sqlite_schema WHERE type = \'table\' AND name NOT LIKE \'sqlite%\' ORDER BY 1')
    .map(({ name }) => name)

/** A step as a later version might bring it: rebuilds a table that others refer to, and renames a kind. */
const rebuildArtifacts: Migration = (database) =>
  database.execute(`
    CREATE TABLE rebuilt (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO rebuilt SELECT id, replace(kind, 'gram', 'statistics'), key FROM artifacts;
    DROP TABLE artifacts;
    ALTER TABLE rebuilt RENAME TO artifacts;
  `)

const TABLES = ['added_images', 'arrays', 'artifacts', 'config', 'figures', 'images', 'jobs', 'notes', 'parts', 'settings']

describe('migrate', () => {
  it('builds the newest tables in an empty file', () => {
    const database = empty()
    migrate(database, MIGRATIONS)
    expect(schemaVersion(database)).toBe(MIGRATIONS.length)
    expect(tablesOf(database)).toEqual(TABLES)
    checkIdentity(database, MIGRATIONS.length)
    database.close()
  })

  it('has only strict tables', () => {
    const database = empty()
    migrate(database, MIGRATIONS)
    const loose = database.all('SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE \'sqlite%\'')
    expect(loose).toEqual([])
    database.close()
  })

  it('leads from version 1 to a later one and keeps the data', () => {
    const folder = temporaryFolder()
    const store = openProject(folder, { mode: 'create' })
    const writer = store.artifacts.begin('gram', { run: 1 })
    writer.put(0, { x: Float64Array.of(1, NaN) })
    store.close()

    const database = openWritable(join(folder, 'project.sqlite'))
    migrate(database, [...MIGRATIONS, rebuildArtifacts])
    expect(schemaVersion(database)).toBe(MIGRATIONS.length + 1)
    expect(database.all('SELECT * FROM artifacts')).toEqual([
      { id: writer.artifact.id, kind: 'statistics', key: writer.artifact.key },
    ])
    expect(database.get('SELECT count(*) AS n, sum(length(data)) AS bytes FROM arrays')).toEqual({ n: 1, bytes: 16 })
    expect(database.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
    migrate(database, [...MIGRATIONS, () => expect.fail('ran twice')])
    database.close()
  })

  it('undoes a step that fails, and keeps the steps before it', () => {
    const database = empty()
    const failing: Migration = (target) => {
      target.execute('CREATE TABLE half (x INTEGER) STRICT; DROP TABLE jobs')
      throw new RangeError('stop')
    }
    expect(() => migrate(database, [...MIGRATIONS, failing])).toThrow(RangeError)
    expect(schemaVersion(database)).toBe(MIGRATIONS.length)
    expect(tablesOf(database)).toEqual(TABLES)
    database.close()
  })

  it('refuses a step that would leave rows without their parent', () => {
    const folder = temporaryFolder()
    const store = openProject(folder, { mode: 'create' })
    store.artifacts.begin('gram', {}).put(0, { x: new Uint8Array(1) })
    store.close()
    const database = openWritable(join(folder, 'project.sqlite'))
    const orphaning: Migration = (target) => target.execute('DELETE FROM artifacts')
    const refusal = failureOf(() => migrate(database, [...MIGRATIONS, orphaning]))
    expect(refusal.sentence).toContain(`update ${MIGRATIONS.length + 1} would leave 1 orphaned rows in "parts"`)
    expect(database.get('SELECT count(*) AS n FROM artifacts')).toEqual({ n: 1 })
    database.close()
  })
})
