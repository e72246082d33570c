import type { WritableDatabase } from '../database.ts'

export function createFigures(database: WritableDatabase): void {
  database.execute(`
    -- Names are names of files, and some file systems do not tell capital letters from small ones.
    CREATE TABLE figures (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      recipe TEXT NOT NULL CHECK (json_valid(recipe)),
      changed_at INTEGER NOT NULL
    ) STRICT;

    -- What a job did where that is kept nowhere else: the files that it wrote outside of the project.
    ALTER TABLE jobs ADD COLUMN result TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(result));
  `)
}
