import { VebiError } from '../../shared/errors.ts'
import { type Matrix, type NumericArray, sizeOf } from '../../shared/matrix.ts'
import { type ArrayTypes, BYTES_PER_ELEMENT, type DataType, dataTypeOf, fromBlob, toBlob } from './array-blob.ts'
import { artifactKey, canonicalJson } from './artifact-key.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

/** One array must stay below this size: SQLite holds a blob in memory about three times while writing it. */
export const MAX_ARRAY_BYTES = 256e6

/** Anything computed and kept, named by the content that it was computed from. */
export interface Artifact {
  readonly id: number
  /** What it is, for instance `responses` or `gram`. */
  readonly kind: string
  /** SHA-256 (hex) over kind and inputs. */
  readonly key: string
  /** JSON: everything that the result depends on. */
  readonly inputs: unknown
  /** False while its job runs, or after the job was interrupted. */
  readonly complete: boolean
  /** JSON given to `finish`; null before. */
  readonly meta: unknown
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface ArtifactSize extends Artifact {
  readonly parts: number
  /** Bytes of all arrays. */
  readonly bytes: number
}

/** What names an artifact in a call: the artifact itself, or any object with its id. */
export type ArtifactRef = Pick<Artifact, 'id'>

export interface ArtifactReader {
  /** The artifact made from exactly these inputs, complete or not. `inputs` is any JSON value. */
  find(kind: string, inputs: unknown): Artifact | undefined
  get(id: number): Artifact | undefined
  /** Numbers of the parts present, ascending. */
  parts(artifact: ArtifactRef): number[]
  /** JSON given to `put` with this part; undefined when the part is missing. */
  partMeta(artifact: ArtifactRef, part: number): unknown
  /** Names, types and shapes of a part's arrays, without reading them; by name. */
  arrays(artifact: ArtifactRef, part: number): { name: string; dtype: DataType; shape: number[] }[]
  /**
   * One array, bit-identical to what was put. Throws VebiError('not-ready') when it is missing,
   * 'bad-file' when its type is another or its bytes do not fill its shape.
   */
  read<Type extends DataType>(
    artifact: ArtifactRef,
    part: number,
    name: string,
    dtype: Type,
  ): Matrix<ArrayTypes[Type]>
  /**
   * `count` rows of one array from row `first` on, `[count, ...]`; what is not asked for is not kept in memory. Throws
   * as `read`, and VebiError('internal') where the array has no such rows.
   */
  readRows<Type extends DataType>(
    artifact: ArtifactRef,
    part: number,
    name: string,
    dtype: Type,
    first: number,
    count: number,
  ): Matrix<ArrayTypes[Type]>
  /** What is stored and how large, oldest first. */
  list(options?: { kind?: string }): ArtifactSize[]
}

export interface ArtifactStore extends ArtifactReader {
  /** Starts an artifact or goes on with the one made from these inputs; see `writer.artifact.complete`. */
  begin(kind: string, inputs: unknown): ArtifactWriter
  /** Deletes an artifact with all its parts and returns the space to the file system. */
  remove(artifact: ArtifactRef): void
}

export interface ArtifactWriter {
  /** As it was when the writer was made. */
  readonly artifact: Artifact
  /** Numbers of the parts already present, ascending: a resumed job computes the others. */
  parts(): number[]
  /**
   * Stores a part in one transaction, replacing a part of the same number. A bare array counts as a
   * vector. Throws VebiError('disk-full') when there is no space; what was stored before stays valid.
   * A complete artifact refuses with 'internal'.
   */
  put(part: number, arrays: Readonly<Record<string, NumericArray | Matrix>>, meta?: unknown): void
  /** Marks the artifact complete, so that nothing can be put any more, and returns it. */
  finish(meta?: unknown): Artifact
}

interface ArtifactRow {
  id: number
  kind: string
  key: string
  inputs: string
  complete: number
  meta: string
  created_at: number
}

interface ArrayRow {
  name: string
  dtype: DataType
  shape: string
}

export function artifactReader(database: ReadableDatabase): ArtifactReader {
  const checked = <Row extends ArrayRow>(row: Row | undefined, what: string, dtype: DataType): Row => {
    if (!row) throw new VebiError('not-ready', `${database.file} holds no ${what}.`)
    if (row.dtype === dtype) return row
    throw new VebiError('bad-file', `${database.file}: ${what} is ${row.dtype}, not ${dtype}.`)
  }
  const damaged = (what: string, bytes: number): VebiError =>
    new VebiError('bad-file', `${database.file} is damaged: ${what} has ${bytes} bytes.`)
  return {
    find(kind, inputs) {
      const row = database.get<ArtifactRow>('SELECT * FROM artifacts WHERE key = ?', artifactKey(kind, inputs))
      return row && fromRow(row)
    },
    get(id) {
      const row = database.get<ArtifactRow>('SELECT * FROM artifacts WHERE id = ?', id)
      return row && fromRow(row)
    },
    parts: ({ id }) =>
      database
        .all<{ part: number }>('SELECT part FROM parts WHERE artifact_id = ? ORDER BY part', id)
        .map(({ part }) => part),
    partMeta({ id }, part) {
      const sql = 'SELECT meta FROM parts WHERE artifact_id = ? AND part = ?'
      const row = database.get<{ meta: string }>(sql, id, part)
      return row && (JSON.parse(row.meta) as unknown)
    },
    arrays: ({ id }, part) =>
      database
        .all<ArrayRow>(
          'SELECT name, dtype, shape FROM arrays WHERE artifact_id = ? AND part = ? ORDER BY name',
          id,
          part,
        )
        .map(({ name, dtype, shape }) => ({ name, dtype, shape: JSON.parse(shape) as number[] })),
    read({ id }, part, name, dtype) {
      const what = `array "${name}" in part ${part} of artifact ${id}`
      const found = database.get<ArrayRow & { data: Uint8Array<ArrayBuffer> }>(
        'SELECT name, dtype, shape, data FROM arrays WHERE artifact_id = ? AND part = ? AND name = ?',
        id,
        part,
        name,
      )
      const row = checked(found, what, dtype)
      const matrix = fromBlob(row.data, dtype, JSON.parse(row.shape) as number[])
      if (matrix) return matrix
      throw damaged(what, row.data.byteLength)
    },
    readRows({ id }, part, name, dtype, first, count) {
      const what = `array "${name}" in part ${part} of artifact ${id}`
      const found = database.get<ArrayRow & { bytes: number }>(
        `SELECT name, dtype, shape, length(data) AS bytes FROM arrays
         WHERE artifact_id = ? AND part = ? AND name = ?`,
        id,
        part,
        name,
      )
      const { shape: json, bytes } = checked(found, what, dtype)
      const [rows, ...rest] = JSON.parse(json) as [number, ...number[]]
      const rowBytes = sizeOf(rest) * BYTES_PER_ELEMENT[dtype]
      if (bytes !== rows * rowBytes) throw damaged(what, bytes)
      if (!(first >= 0 && count >= 0 && first + count <= rows)) {
        throw new VebiError('internal', `The ${what} has ${rows} rows, not ${first} to ${first + count}.`)
      }
      const { data } = database.get<{ data: Uint8Array<ArrayBuffer> }>(
        'SELECT substr(data, ?, ?) AS data FROM arrays WHERE artifact_id = ? AND part = ? AND name = ?',
        first * rowBytes + 1,
        count * rowBytes,
        id,
        part,
        name,
      )!
      const matrix = fromBlob(data, dtype, [count, ...rest])
      if (matrix) return matrix
      throw damaged(what, bytes)
    },
    list: ({ kind } = {}) =>
      database
        .all<ArtifactRow & { parts: number; bytes: number }>(
          `SELECT artifacts.*, count(part) AS parts, coalesce(sum(bytes), 0) AS bytes
           FROM artifacts LEFT JOIN parts ON artifact_id = artifacts.id
           WHERE kind = coalesce(?, kind) GROUP BY artifacts.id ORDER BY artifacts.id`,
          kind ?? null,
        )
        .map((row) => ({ ...fromRow(row), parts: row.parts, bytes: row.bytes })),
  }
}

export function artifactStore(database: WritableDatabase): ArtifactStore {
  const reader = artifactReader(database)
  return {
    ...reader,
    begin(kind, inputs) {
      database.run(
        'INSERT INTO artifacts (kind, key, inputs, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
        kind,
        artifactKey(kind, inputs),
        canonicalJson(inputs),
        Date.now(),
      )
      const artifact = reader.find(kind, inputs)
      if (!artifact) throw new VebiError('internal', `${database.file} did not keep the artifact "${kind}".`)
      return artifactWriter(database, artifact)
    },
    remove({ id }) {
      database.run('DELETE FROM artifacts WHERE id = ?', id)
      database.execute('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint')
    },
  }
}

function artifactWriter(database: WritableDatabase, artifact: Artifact): ArtifactWriter {
  const { id } = artifact
  const changed = (changes: number): void => {
    if (changes !== 1) throw new VebiError('internal', `Artifact ${id} is complete or was removed.`)
  }
  return {
    artifact,
    parts: () => artifactReader(database).parts(artifact),
    put(part, arrays, meta = null) {
      database.transaction(() => {
        database.run('DELETE FROM parts WHERE artifact_id = ? AND part = ?', id, part)
        const { changes } = database.run(
          `INSERT INTO parts (artifact_id, part, bytes, meta)
           SELECT id, ?, 0, ? FROM artifacts WHERE id = ? AND complete = 0`,
          part,
          canonicalJson(meta),
          id,
        )
        changed(changes)
        for (const name of Object.keys(arrays)) {
          const array = arrays[name]
          if (array) insertArray(database, id, part, name, array)
        }
      })
    },
    finish(meta = null) {
      const { changes } = database.run(
        'UPDATE artifacts SET complete = 1, meta = ? WHERE id = ? AND complete = 0',
        canonicalJson(meta),
        id,
      )
      changed(changes)
      return { ...artifact, complete: true, meta }
    },
  }
}

function insertArray(
  database: WritableDatabase,
  id: number,
  part: number,
  name: string,
  array: NumericArray | Matrix,
): void {
  const { shape, data } = 'shape' in array ? array : { shape: [array.length], data: array }
  if (sizeOf(shape) !== data.length) {
    const expected = shape.join(' x ')
    throw new VebiError('internal', `Array "${name}" has ${data.length} numbers, its shape is ${expected}.`)
  }
  if (data.byteLength > MAX_ARRAY_BYTES) {
    throw new VebiError('internal', `Array "${name}" has ${data.byteLength} bytes: store it in several parts.`)
  }
  database.run(
    'INSERT INTO arrays (artifact_id, part, name, dtype, shape, data) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    part,
    name,
    dataTypeOf(data),
    canonicalJson(shape),
    toBlob(data),
  )
  database.run('UPDATE parts SET bytes = bytes + ? WHERE artifact_id = ? AND part = ?', data.byteLength, id, part)
}

function fromRow({ id, kind, key, inputs, complete, meta, created_at }: ArtifactRow): Artifact {
  return {
    id,
    kind,
    key,
    inputs: JSON.parse(inputs),
    complete: complete === 1,
    meta: JSON.parse(meta),
    createdAt: created_at,
  }
}
