import Database from 'better-sqlite3'
import { VebiError } from '../../shared/errors.ts'
import { storageFailure } from './storage-failure.ts'

/** What SQLite binds and returns. Buffers hold little-endian numbers (see array-blob.ts). */
export type SqlValue = string | number | null | Uint8Array

/** A project database that can only be asked. Functions that merely read take this type. */
export interface ReadableDatabase {
  /** Path of the database file, for messages. */
  readonly file: string
  /** All rows of a statement that reads. `Row` states its columns; STRICT tables keep the promise. */
  all<Row>(sql: string, ...parameters: SqlValue[]): Row[]
  /** The first row of a statement that reads. */
  get<Row>(sql: string, ...parameters: SqlValue[]): Row | undefined
}

/** A project database that can also be changed; only the process that holds the writer lock has one. */
export interface WritableDatabase extends ReadableDatabase {
  /** Runs one statement that writes. */
  run(sql: string, ...parameters: SqlValue[]): { readonly changes: number; readonly lastId: number }
  /** Runs several statements without parameters. */
  execute(sql: string): void
  /** All of `work` or, when it throws, nothing of it. Nests: an inner transaction becomes a savepoint. */
  transaction<Result>(work: () => Result): Result
}

export interface Closable {
  /** Idempotent. */
  close(): void
}

/** Bytes per page. Large pages keep the chains of large blobs short: 4 KiB pages write three times slower. */
export const PAGE_BYTES = 32768
/** The write-ahead log is copied into the database whenever it exceeds this size. */
const CHECKPOINT_BYTES = 16 * 2 ** 20
/** After an unusually large transaction the log file is cut back to this size. */
const LOG_LIMIT_BYTES = 64 * 2 ** 20

/** Opens an existing database for reading. */
export function openReadable(file: string): ReadableDatabase & Closable {
  return new Connection(file, () => new Database(file, { readonly: true, fileMustExist: true }))
}

/** Opens an existing database for writing. Nothing is changed until `configureWriter`. */
export function openWritable(file: string): WritableDatabase & Closable {
  return new Connection(file, () => new Database(file, { fileMustExist: true }))
}

/** Makes a new, empty database with the page size and the vacuum mode that only a new file can be given. */
export function createWritable(file: string): WritableDatabase & Closable {
  const database = new Connection(file, () => new Database(file))
  database.execute(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`)
  return database
}

/** Settings of a writing connection: write-ahead log, and a commit that survives a power cut. */
export function configureWriter(database: WritableDatabase): void {
  const pageBytes = database.get<{ page_size: number }>('PRAGMA page_size')?.page_size ?? PAGE_BYTES
  database.execute(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA wal_autocheckpoint = ${Math.round(CHECKPOINT_BYTES / pageBytes)};
    PRAGMA journal_size_limit = ${LOG_LIMIT_BYTES};
  `)
}

/**
 * Leaves a single file behind: the log is merged and switched off. A database in WAL mode could not be read
 * where its side files cannot be made (read-only media), and would be copied without its latest changes.
 * While a reader is connected, or without space to merge into, the log stays; the next
 * writer to end tidies up.
 */
export function settle(database: WritableDatabase): void {
  try {
    database.execute('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE')
  } catch (error) {
    if (!(error instanceof VebiError) || !['busy', 'disk-full'].includes(error.code)) throw error
  }
}

class Connection implements WritableDatabase, Closable {
  readonly file: string
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement<SqlValue[]>>()

  constructor(file: string, open: () => Database.Database) {
    this.file = file
    this.#database = this.#guard(open)
  }

  all<Row>(sql: string, ...parameters: SqlValue[]): Row[] {
    return this.#guard(() => this.#reading(sql).all(...parameters) as Row[])
  }

  get<Row>(sql: string, ...parameters: SqlValue[]): Row | undefined {
    return this.#guard(() => this.#reading(sql).get(...parameters) as Row | undefined)
  }

  run(sql: string, ...parameters: SqlValue[]): { changes: number; lastId: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#prepare(sql).run(...parameters)
      return { changes, lastId: Number(lastInsertRowid) }
    })
  }

  execute(sql: string): void {
    this.#guard(() => this.#database.exec(sql))
  }

  transaction<Result>(work: () => Result): Result {
    // Immediate: a transaction that starts by reading must not find at its first write that it is out of date.
    return this.#guard(() => this.#database.transaction(work).immediate())
  }

  close(): void {
    this.#statements.clear()
    this.#guard(() => this.#database.close())
  }

  #prepare(sql: string): Database.Statement<SqlValue[]> {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare<SqlValue[]>(sql)))
    return statement
  }

  #reading(sql: string): Database.Statement<SqlValue[]> {
    const statement = this.#prepare(sql)
    // "INSERT ... RETURNING" would otherwise write through the type that promises not to.
    if (!statement.readonly) throw new TypeError(`Not a statement that only reads: ${sql}`)
    return statement
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw storageFailure(error, this.file)
    }
  }
}
