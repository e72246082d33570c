import type { WritableDatabase } from '../database.ts'

export function createAddedImages(database: WritableDatabase): void {
  database.execute(`
    -- AUTOINCREMENT: the number of a removed image never names another one.
    CREATE TABLE added_images (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hash TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      height INTEGER NOT NULL CHECK (height > 0),
      width INTEGER NOT NULL CHECK (width > 0),
      added_at INTEGER NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;
  `)
}
