import type { ReadableDatabase, WritableDatabase } from './database.ts'

export type ImageRole = 'train' | 'test'

/** One image of a project's data, in the order of its source. */
export interface StoredImage {
  /** SHA-256 (hex) of the image's content. */
  readonly hash: string
  /** Class index. */
  readonly label: number
  readonly name: string
  readonly hasMask: boolean
}

export interface ImageReader {
  /** All images of a role; the position in the list is the image's index. */
  list(role: ImageRole): StoredImage[]
  get(role: ImageRole, index: number): StoredImage | undefined
  count(role: ImageRole): number
}

export interface ImageWriter extends ImageReader {
  /** Replaces the list of a role, all or nothing. */
  write(role: ImageRole, images: Iterable<StoredImage>): void
}

interface ImageRow {
  hash: string
  label: number
  name: string
  has_mask: number
}

export function imageReader(database: ReadableDatabase): ImageReader {
  const columns = 'SELECT hash, label, name, has_mask FROM images'
  return {
    list: (role) => database.all<ImageRow>(`${columns} WHERE role = ? ORDER BY position`, role).map(fromRow),
    get(role, index) {
      const row = database.get<ImageRow>(`${columns} WHERE role = ? AND position = ?`, role, index)
      return row && fromRow(row)
    },
    count: (role) => database.get<{ n: number }>('SELECT count(*) AS n FROM images WHERE role = ?', role)?.n ?? 0,
  }
}

export function imageWriter(database: WritableDatabase): ImageWriter {
  return {
    ...imageReader(database),
    write(role, images) {
      const insert = 'INSERT INTO images (role, position, hash, label, name, has_mask) VALUES (?, ?, ?, ?, ?, ?)'
      database.transaction(() => {
        database.run('DELETE FROM images WHERE role = ?', role)
        let position = 0
        for (const { hash, label, name, hasMask } of images) {
          database.run(insert, role, position++, hash, label, name, Number(hasMask))
        }
      })
    },
  }
}

function fromRow({ hash, label, name, has_mask }: ImageRow): StoredImage {
  return { hash, label, name, hasMask: has_mask === 1 }
}
