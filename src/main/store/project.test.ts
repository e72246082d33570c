import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, truncateSync } from 'node:fs'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configureWriter, openReadable, openWritable } from './database.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'
import { imageWriter } from './images.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openProject, type ProjectReader } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'
import { canMount, mountTemporary } from './testing/mounts.ts'

const temporaryFolder = temporaryFolders()
const image = { hash: 'h', label: 1, name: 'n', hasMask: false }

function closedProject(folder = temporaryFolder()): { folder: string; file: string } {
  const store = openProject(folder, { mode: 'create' })
  store.setConfig({ model: 'm', classes: ['a'] })
  store.images.write('train', [image])
  const writer = store.artifacts.begin('gram', {})
  writer.put(0, { x: new Float32Array(100_000).fill(1) })
  store.close()
  return { folder, file: join(folder, 'project.sqlite') }
}

describe('openProject', () => {
  it.skipIf(process.platform !== 'linux')('says so where no folder can be made (Linux has such a place)', () => {
    expect(() => openProject('/proc/nowhere/project', { mode: 'create' })).toThrow(/^\/proc\S* /)
  })

  it('creates a folder with everything that a later process finds again', () => {
    const folder = join(temporaryFolder(), 'new', 'größe ?#%41')
    closedProject(folder)
    expect(readdirSync(folder).sort()).toEqual(['project.lock', 'project.sqlite'])
    const store = openProject(folder, { mode: 'open' })
    expect(store.folder).toBe(folder)
    expect(store.images.list('train')).toEqual([image])
    store.close()
    store.close()
  })

  it('writes ahead, and a commit waits for the disk', () => {
    const { folder, file } = closedProject()
    const store = openProject(folder, { mode: 'open' })
    store.images.write('test', [image])
    expect(readdirSync(folder)).toContain('project.sqlite-wal')
    store.close()
    const writable = openWritable(file)
    configureWriter(writable)
    expect(writable.get('SELECT synchronous FROM pragma_synchronous')).toEqual({ synchronous: 2 })
    expect(writable.get('SELECT page_size FROM pragma_page_size')).toEqual({ page_size: 32768 })
    writable.close()
  })

  it('leaves one file when closed, unless a reader is connected: then the next writer does', () => {
    const { folder } = closedProject()
    const reader = openProject(folder, { mode: 'read' })
    const writer = openProject(folder, { mode: 'open' })
    writer.images.write('test', [image])
    expect(reader.images.count('test')).toBe(1)
    const begin = performance.now()
    writer.close()
    expect(performance.now() - begin).toBeLessThan(4000)
    expect(reader.images.count('test')).toBe(1)
    reader.close()
    openProject(folder, { mode: 'open' }).close()
    expect(readdirSync(folder).sort()).toEqual(['project.lock', 'project.sqlite'])
  })

  it('keeps the configuration as JSON that a schema checks', () => {
    const folder = temporaryFolder()
    const schema = z.object({ model: z.string(), classes: z.array(z.string()) })
    const store = openProject(folder, { mode: 'create' })
    expect(store.config(schema)).toBeUndefined()
    store.setConfig({ model: 'm', classes: ['b', 'a'] })
    store.setConfig({ model: 'm2', classes: ['b', 'a'] })
    expect(store.config(schema)).toEqual({ model: 'm2', classes: ['b', 'a'] })
    const refusal = failureOf(() => store.config(z.object({ size: z.number() })))
    const file = join(folder, 'project.sqlite')
    expect(refusal.code).toBe('bad-file')
    expect(refusal.sentence).toContain(`The configuration in ${file} is not valid: size: Invalid`)
    expect(failureOf(() => store.setConfig({ mean: NaN })).sentence).toContain('value.mean is NaN')
    store.close()
  })

  it('refuses to create where a project is, and leaves that one alone', () => {
    const { folder, file } = closedProject()
    const before = readFileSync(file)
    expect(failureOf(() => openProject(folder, { mode: 'create' }))).toEqual({
      code: 'bad-argument',
      sentence: `${folder} already holds a project; open it, or choose another folder.`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
    openProject(folder, { mode: 'open' }).close()
  })

  it('creates anew over what a crash during creation left', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'project.sqlite.new'), 'half')
    writeFileSync(join(folder, 'project.sqlite.new-journal'), 'half')
    closedProject(folder)
    expect(readdirSync(folder).sort()).toEqual(['project.lock', 'project.sqlite'])
  })
})

describe('a second opener', () => {
  it('may read beside the writer and sees what is committed, but not write', () => {
    const { folder } = closedProject()
    const writer = openProject(folder, { mode: 'open' })
    expect(failureOf(() => openProject(folder, { mode: 'open' }))).toEqual({
      code: 'busy',
      sentence: `${folder} is in use by another process; close it there first.`,
    })
    const reader = openProject(folder, { mode: 'read' })
    writer.images.write('train', [image, image])
    expect(reader.images.count('train')).toBe(2)
    writer.transaction(() => {
      writer.images.write('train', [])
      expect(reader.images.count('train')).toBe(2)
    })
    expect(reader.images.count('train')).toBe(0)
    writer.close()
    openProject(folder, { mode: 'open' }).close()
    reader.close()
  })

  it('finds the lock free after an opening that failed', () => {
    const { folder, file } = closedProject()
    const copy = `${file}.copy`
    copyFileSync(file, copy)
    writeFileSync(file, 'rubbish'.repeat(1000))
    expect(failureOf(() => openProject(folder, { mode: 'open' })).code).toBe('bad-file')
    copyFileSync(copy, file)
    openProject(folder, { mode: 'open' }).close()
  })
})

describe('reading', () => {
  it('cannot write: not by its type and not by its connection', () => {
    const { folder, file } = closedProject()
    const reader: ProjectReader = openProject(folder, { mode: 'read' })
    // @ts-expect-error a reader has no such method
    expect(reader.images.write).toBeUndefined()
    // @ts-expect-error a reader has no such method
    expect(reader.artifacts.begin ?? reader.artifacts.remove).toBeUndefined()
    // @ts-expect-error a reader has no such method
    expect(reader.jobs.add ?? reader.setConfig).toBeUndefined()
    reader.close()

    const database: ReadableDatabase & { close(): void } = openReadable(file)
    // @ts-expect-error writing functions want a WritableDatabase
    const images = imageWriter(database)
    expect(failureOf(() => images.write('train', []))).toMatchObject({ code: 'bad-file' })
    const disguised = database as ReadableDatabase as WritableDatabase
    expect(failureOf(() => disguised.run('DELETE FROM images')).sentence).toContain('readonly')
    database.close()
    const writable: ReadableDatabase & { close(): void } = openWritable(file)
    expect(() => writable.get('DELETE FROM images RETURNING hash')).toThrow('Not a statement that only reads')
    expect(writable.get('SELECT count(*) AS n FROM images')).toEqual({ n: 1 })
    writable.close()
  })

  it('changes no byte of the project', () => {
    const { folder, file } = closedProject()
    const before = readFileSync(file)
    const reader = openProject(folder, { mode: 'read' })
    expect(reader.images.count('train')).toBe(1)
    reader.close()
    expect(readFileSync(file).equals(before)).toBe(true)
  })
})

describe('a project that cannot be opened', () => {
  const modes = ['open', 'read'] as const
  const open = (folder: string, mode: (typeof modes)[number]) => failureOf(() => openAny(folder, mode))
  const openAny = (folder: string, mode: (typeof modes)[number]) =>
    mode === 'open' ? openProject(folder, { mode }) : openProject(folder, { mode })

  it.each(modes)('is missing (%s)', (mode) => {
    const folder = temporaryFolder()
    const missing = join(folder, 'none')
    expect(open(missing, mode)).toEqual({ code: 'missing-file', sentence: `${missing} does not exist.` })
    expect(existsSync(missing)).toBe(false)
    expect(open(folder, mode)).toEqual({
      code: 'missing-file',
      sentence: `${folder} holds no project (no project.sqlite).`,
    })
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(missing, '')
    expect(open(missing, mode)).toEqual({ code: 'bad-file', sentence: `${missing} is not a folder.` })
    for (const path of [missing, join(missing, 'below')]) {
      expect(failureOf(() => openProject(path, { mode: 'create' })).sentence).toBe(`${missing} is not a folder.`)
    }
    expect(open(join(missing, 'below'), mode).code).toBe('bad-file')
  })

  it.each(modes)('is no database, empty, or a folder (%s)', (mode) => {
    const folder = temporaryFolder()
    const file = join(folder, 'project.sqlite')
    writeFileSync(file, 'not a database, but a text that is longer than the header of one'.repeat(100))
    expect(open(folder, mode)).toEqual({ code: 'bad-file', sentence: `${file} is not a SQLite database.` })
    writeFileSync(file, '')
    expect(open(folder, mode)).toEqual({ code: 'bad-file', sentence: `${file} is empty.` })
    const other = temporaryFolder()
    mkdirSync(join(other, 'project.sqlite'))
    expect(open(other, mode)).toMatchObject({ code: 'bad-file' })
  })

  it.each(modes)('belongs to another program (%s)', (mode) => {
    const folder = temporaryFolder()
    const file = join(folder, 'project.sqlite')
    const foreign = new Database(file)
    foreign.exec('CREATE TABLE notes (text); PRAGMA user_version = 1')
    foreign.close()
    const before = readFileSync(file)
    expect(open(folder, mode)).toEqual({
      code: 'bad-file',
      sentence: `${file} is a SQLite database, but not a VEBI project.`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it.each(modes)('is of a newer version (%s)', (mode) => {
    const { folder, file } = closedProject()
    const newer = new Database(file)
    newer.pragma(`user_version = ${MIGRATIONS.length + 1}`)
    newer.close()
    expect(open(folder, mode)).toEqual({
      code: 'unsupported',
      sentence:
        `${file} was written by a newer version of VEBI Workbench ` +
        `(format ${MIGRATIONS.length + 1}; this version reads up to ${MIGRATIONS.length}).`,
    })
  })

  it('is of an older version and may only be read', () => {
    const { folder, file } = closedProject()
    const older = new Database(file)
    older.pragma('user_version = 0')
    older.close()
    expect(open(folder, 'read')).toMatchObject({ code: 'not-ready' })
  })

  it.each(modes)('is cut short (%s)', (mode) => {
    const { folder, file } = closedProject()
    truncateSync(file, 5 * 32768)
    const { code, sentence } = open(folder, mode)
    expect([code, sentence]).toEqual([
      'bad-file',
      `${file} is damaged or cut short: database disk image is malformed.`,
    ])
  })

  it('is damaged inside, which is said when the place is read', () => {
    const { folder, file } = closedProject()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 3 * 32768))
    const reader = openProject(folder, { mode: 'read' })
    const read = () => [reader.images.list('train'), reader.artifacts.read({ id: 1 }, 0, 'x', 'float32')]
    expect(failureOf(read)).toMatchObject({ code: 'bad-file', sentence: expect.stringContaining(`${file} is damaged`) })
    reader.close()
  })
})

describe('a read-only folder', () => {
  const asRoot = process.getuid?.() === 0
  const expectReadOnly = (folder: string) => {
    expect(failureOf(() => openProject(folder, { mode: 'open' }))).toEqual({
      code: 'bad-file',
      sentence: `${folder} is read-only: it can be read, but not worked in.`,
    })
    expect(failureOf(() => openProject(join(folder, 'new', 'below'), { mode: 'create' })).sentence).toBe(
      `${folder} is read-only: it can be read, but not worked in.`,
    )
    const reader = openProject(folder, { mode: 'read' })
    expect(reader.images.list('train')).toEqual([image])
    reader.close()
    expect(readdirSync(folder).sort()).toEqual(['project.lock', 'project.sqlite'])
  }

  it.skipIf(asRoot || process.platform === 'win32')('can be read (needs a user who is not root)', () => {
    const { folder } = closedProject()
    chmodSync(folder, 0o555)
    try {
      expectReadOnly(folder)
    } finally {
      chmodSync(folder, 0o755)
    }
  })

  it.skipIf(!canMount)('can be read (needs the right to mount a file system)', () => {
    const mount = mountTemporary(temporaryFolder(), '8m')
    try {
      const { folder } = closedProject(join(mount.folder, 'project ?#%41'))
      mount.change('ro')
      expectReadOnly(folder)
    } finally {
      mount.unmount()
    }
  })
})
