import type { WritableDatabase } from '../database.ts'

export function createTables(database: WritableDatabase): void {
  database.execute(`
    CREATE TABLE config (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      value TEXT NOT NULL CHECK (json_valid(value))
    ) STRICT;

    CREATE TABLE images (
      role TEXT NOT NULL CHECK (role IN ('train', 'test')),
      position INTEGER NOT NULL CHECK (position >= 0),
      hash TEXT NOT NULL,
      label INTEGER NOT NULL,
      name TEXT NOT NULL,
      has_mask INTEGER NOT NULL CHECK (has_mask IN (0, 1)),
      PRIMARY KEY (role, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE artifacts (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      key TEXT NOT NULL UNIQUE,
      inputs TEXT NOT NULL CHECK (json_valid(inputs)),
      complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
      meta TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(meta)),
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE parts (
      artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
      part INTEGER NOT NULL CHECK (part >= 0),
      bytes INTEGER NOT NULL,
      meta TEXT NOT NULL CHECK (json_valid(meta)),
      PRIMARY KEY (artifact_id, part)
    ) STRICT, WITHOUT ROWID;

    -- The blob stands last, so that the other columns are read without walking its overflow pages.
    CREATE TABLE arrays (
      id INTEGER PRIMARY KEY,
      artifact_id INTEGER NOT NULL,
      part INTEGER NOT NULL,
      name TEXT NOT NULL,
      dtype TEXT NOT NULL CHECK (dtype IN ('float32', 'float64', 'int32', 'uint8')),
      shape TEXT NOT NULL CHECK (json_valid(shape)),
      data BLOB NOT NULL,
      UNIQUE (artifact_id, part, name),
      FOREIGN KEY (artifact_id, part) REFERENCES parts (artifact_id, part) ON DELETE CASCADE
    ) STRICT;

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      spec TEXT NOT NULL CHECK (json_valid(spec)),
      state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'cancelled', 'failed', 'interrupted')),
      progress TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(progress)),
      message TEXT NOT NULL DEFAULT '',
      queued_at INTEGER NOT NULL,
      started_at INTEGER,
      ended_at INTEGER
    ) STRICT;
  `)
}
