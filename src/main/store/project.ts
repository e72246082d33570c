import { accessSync, constants, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { VebiError } from '../../shared/errors.ts'
import { makeFolder } from '../make-folder.ts'
import { type ArtifactReader, type ArtifactStore, artifactReader, artifactStore } from './artifacts.ts'
import { readConfig, type Schema, writeConfig } from './config.ts'
import {
  type Closable,
  configureWriter,
  createWritable,
  openReadable,
  openWritable,
  type ReadableDatabase,
  settle,
  type WritableDatabase,
} from './database.ts'
import { type AddedImageReader, type AddedImageWriter, addedImageReader, addedImageWriter } from './added-images.ts'
import { type FigureReader, type FigureWriter, figureReader, figureWriter } from './figures.ts'
import { type ImageReader, type ImageWriter, imageReader, imageWriter } from './images.ts'
import { type JobReader, type JobWriter, jobReader, jobWriter, markInterrupted } from './job-log.ts'
import { checkIdentity, migrate, schemaVersion } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { type NoteReader, type NoteWriter, noteReader, noteWriter } from './notes.ts'
import { type SettingReader, type SettingWriter, settingReader, settingWriter } from './settings.ts'
import { storageFailure } from './storage-failure.ts'
import { takeWriterLock } from './writer-lock.ts'

const PROJECT_FILE = 'project.sqlite'

/** A project that can be looked at, also while another process works in it. */
export interface ProjectReader extends Closable {
  /** Absolute path of the project's folder. */
  readonly folder: string
  /** The configuration, undefined before the first `setConfig`; throws VebiError('bad-file') when it does not fit. */
  config<Value>(schema: Schema<Value>): Value | undefined
  readonly images: ImageReader
  readonly addedImages: AddedImageReader
  readonly notes: NoteReader
  readonly settings: SettingReader
  readonly figures: FigureReader
  readonly artifacts: ArtifactReader
  readonly jobs: JobReader
}

/** A project whose one writer is this process. */
export interface ProjectStore extends ProjectReader {
  /** `config` is any JSON value. */
  setConfig(config: unknown): void
  readonly images: ImageWriter
  readonly addedImages: AddedImageWriter
  readonly notes: NoteWriter
  readonly settings: SettingWriter
  readonly figures: FigureWriter
  readonly artifacts: ArtifactStore
  readonly jobs: JobWriter
  /** Several changes at once: all of them or, when `work` throws, none. */
  transaction<Result>(work: () => Result): Result
}

/**
 * Opens the project in `folder`. `create` makes the folder where needed and refuses one that holds a
 * project; `open` takes the writer lock and brings the file to the newest format; `read` changes nothing.
 * Throws VebiError: `missing-file`, `bad-file` (not a project, damaged, not writable), `bad-argument`
 * (exists), `busy` (another writer), `unsupported` (newer format), `not-ready` (older format in `read`).
 */
export function openProject(folder: string, options: { mode: 'create' | 'open' }): ProjectStore
export function openProject(folder: string, options: { mode: 'read' }): ProjectReader
export function openProject(folder: string, { mode }: { mode: 'create' | 'open' | 'read' }): ProjectReader {
  const path = resolve(folder)
  switch (mode) {
    case 'create':
      return createProject(path)
    case 'open':
      return writeProject(path)
    case 'read':
      return readProject(path)
  }
}

/** Whether a folder looks like a project, by the name of a file in it. */
export async function holdsProject(folder: string): Promise<boolean> {
  return (await stat(join(folder, PROJECT_FILE)).catch(() => null))?.isFile() ?? false
}

/** Whether a path ends like the file that a project is kept in. */
export function isProjectFile(path: string): boolean {
  return basename(path) === PROJECT_FILE
}

function createProject(folder: string): ProjectStore {
  // mkdir reports a read-only disk as a missing folder, hence the look at the folder above.
  const base = nearestExisting(folder)
  requireFolder(base)
  requireWritable(base)
  failingOn(folder, () => makeFolder(folder))
  const file = join(folder, PROJECT_FILE)
  const lock = takeWriterLock(folder)
  return orClose(lock, () => {
    if (existsSync(file)) {
      throw new VebiError('bad-argument', `${folder} already holds a project; open it, or choose another folder.`)
    }
    // Built under another name, so that a crash on the way leaves no half-made project.
    const draft = `${file}.new`
    for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
    const database = createWritable(draft)
    try {
      configureWriter(database)
      migrate(database, MIGRATIONS)
      settle(database)
    } finally {
      database.close()
    }
    failingOn(file, () => renameSync(draft, file))
    return startWriting(folder, lock)
  })
}

function writeProject(folder: string): ProjectStore {
  requireProject(folder)
  requireWritable(folder)
  requireWritable(join(folder, PROJECT_FILE))
  const lock = takeWriterLock(folder)
  return orClose(lock, () => startWriting(folder, lock))
}

function startWriting(folder: string, lock: Closable): ProjectStore {
  const database = openWritable(join(folder, PROJECT_FILE))
  return orClose(database, () => {
    checkIdentity(database, MIGRATIONS.length)
    configureWriter(database)
    migrate(database, MIGRATIONS)
    markInterrupted(database)
    let open = true
    return projectStore(folder, database, () => {
      if (!open) return
      open = false
      try {
        settle(database)
      } finally {
        orClose(lock, () => database.close())
        lock.close()
      }
    })
  })
}

function readProject(folder: string): ProjectReader {
  requireProject(folder)
  const file = join(folder, PROJECT_FILE)
  const database = openReadable(file)
  return orClose(database, () => {
    checkIdentity(database, MIGRATIONS.length)
    if (schemaVersion(database) < MIGRATIONS.length) {
      throw new VebiError(
        'not-ready',
        `${file} was written by an older version of VEBI Workbench; open it once for writing to update it.`,
      )
    }
    return projectReader(folder, database, () => database.close())
  })
}

function projectReader(folder: string, database: ReadableDatabase, close: () => void): ProjectReader {
  return {
    folder,
    config: (schema) => readConfig(database, schema),
    images: imageReader(database),
    addedImages: addedImageReader(database),
    notes: noteReader(database),
    settings: settingReader(database),
    figures: figureReader(database),
    artifacts: artifactReader(database),
    jobs: jobReader(database),
    close,
  }
}

function projectStore(folder: string, database: WritableDatabase, close: () => void): ProjectStore {
  return {
    ...projectReader(folder, database, close),
    setConfig: (config) => writeConfig(database, config),
    images: imageWriter(database),
    addedImages: addedImageWriter(database),
    notes: noteWriter(database),
    settings: settingWriter(database),
    figures: figureWriter(database),
    artifacts: artifactStore(database),
    jobs: jobWriter(database),
    transaction: (work) => database.transaction(work),
  }
}

function requireProject(folder: string): void {
  const file = join(folder, PROJECT_FILE)
  requireFolder(folder)
  if (!existsSync(file)) throw new VebiError('missing-file', `${folder} holds no project (no ${PROJECT_FILE}).`)
  if (statSync(file).size === 0) throw new VebiError('bad-file', `${file} is empty.`)
}

function requireFolder(path: string): void {
  if (!failingOn(path, () => statSync(path)).isDirectory()) {
    throw new VebiError('bad-file', `${path} is not a folder.`)
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path))
}

function requireWritable(path: string): void {
  if (!isWritable(path)) throw new VebiError('bad-file', `${path} is read-only: it can be read, but not worked in.`)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function failingOn<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw storageFailure(error, path)
  }
}

/** The result of `work`; when it throws, the resource is closed first. */
function orClose<Result>(resource: Closable, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    resource.close()
    throw error
  }
}
