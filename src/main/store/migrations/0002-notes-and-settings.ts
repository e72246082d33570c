import type { WritableDatabase } from '../database.ts'

export function createNotesAndSettings(database: WritableDatabase): void {
  database.execute(`
    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL CHECK (json_valid(value))
    ) STRICT, WITHOUT ROWID;

    -- By layer and channel, not by column: they outlive an extraction of other layers.
    CREATE TABLE notes (
      layer_number INTEGER NOT NULL CHECK (layer_number >= 1),
      channel INTEGER NOT NULL CHECK (channel >= 0),
      text TEXT NOT NULL,
      pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
      PRIMARY KEY (layer_number, channel)
    ) STRICT, WITHOUT ROWID;
  `)
}
