import type { ReadableDatabase, WritableDatabase } from './database.ts'

/** An image that the user added to look at. */
export interface StoredAddedImage {
  /** From 1; never given to another image of the project, even after a removal. */
  readonly id: number
  /** SHA-256 (hex) of the file. */
  readonly hash: string
  readonly name: string
  /** In pixels. */
  readonly height: number
  readonly width: number
  /** Milliseconds since 1970. */
  readonly addedAt: number
}

export interface AddedImageReader {
  /** Latest first. */
  list(): StoredAddedImage[]
  get(id: number): StoredAddedImage | undefined
  find(hash: string): StoredAddedImage | undefined
  /** The file as it was added; undefined where there is no such image. */
  bytes(id: number): Uint8Array | undefined
}

export interface AddedImageWriter extends AddedImageReader {
  /** The same content has one entry, which keeps the name that it was added by first. */
  add(image: Omit<StoredAddedImage, 'id' | 'addedAt'>, bytes: Uint8Array): StoredAddedImage
  /** Returns the space to the file system; ids that do not exist are passed over. */
  remove(ids: readonly number[]): void
}

interface AddedImageRow {
  id: number
  hash: string
  name: string
  height: number
  width: number
  added_at: number
}

export function addedImageReader(database: ReadableDatabase): AddedImageReader {
  const columns = 'SELECT id, hash, name, height, width, added_at FROM added_images'
  return {
    list: () => database.all<AddedImageRow>(`${columns} ORDER BY id DESC`).map(fromRow),
    get(id) {
      const row = database.get<AddedImageRow>(`${columns} WHERE id = ?`, id)
      return row && fromRow(row)
    },
    find(hash) {
      const row = database.get<AddedImageRow>(`${columns} WHERE hash = ?`, hash)
      return row && fromRow(row)
    },
    bytes: (id) => database.get<{ bytes: Uint8Array }>('SELECT bytes FROM added_images WHERE id = ?', id)?.bytes,
  }
}

export function addedImageWriter(database: WritableDatabase): AddedImageWriter {
  const reader = addedImageReader(database)
  return {
    ...reader,
    add({ hash, name, height, width }, bytes) {
      const found = reader.find(hash)
      if (found) return found
      const addedAt = Date.now()
      const insert =
        'INSERT INTO added_images (hash, name, height, width, added_at, bytes) VALUES (?, ?, ?, ?, ?, ?)'
      const { lastId } = database.run(insert, hash, name, height, width, addedAt, bytes)
      return { id: lastId, hash, name, height, width, addedAt }
    },
    remove(ids) {
      database.transaction(() => {
        for (const id of ids) database.run('DELETE FROM added_images WHERE id = ?', id)
      })
      database.execute('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint')
    },
  }
}

function fromRow({ id, hash, name, height, width, added_at }: AddedImageRow): StoredAddedImage {
  return { id, hash, name, height, width, addedAt: added_at }
}
