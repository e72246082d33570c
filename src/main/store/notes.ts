import type { FeatureNote } from '../../shared/results.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

export interface NoteReader {
  /** By layer, then by channel. */
  list(): FeatureNote[]
}

export interface NoteWriter extends NoteReader {
  /** Replaces the note of its feature. */
  set(note: FeatureNote): void
  remove(feature: Pick<FeatureNote, 'layerNumber' | 'channel'>): void
}

interface NoteRow {
  layer_number: number
  channel: number
  text: string
  pinned: number
}

export function noteReader(database: ReadableDatabase): NoteReader {
  return {
    list: () =>
      database
        .all<NoteRow>('SELECT * FROM notes ORDER BY layer_number, channel')
        .map(({ layer_number, channel, text, pinned }) => ({
          layerNumber: layer_number,
          channel,
          text,
          pinned: pinned === 1,
        })),
  }
}

export function noteWriter(database: WritableDatabase): NoteWriter {
  return {
    ...noteReader(database),
    set: ({ layerNumber, channel, text, pinned }) =>
      void database.run(
        'INSERT OR REPLACE INTO notes (layer_number, channel, text, pinned) VALUES (?, ?, ?, ?)',
        layerNumber,
        channel,
        text,
        Number(pinned),
      ),
    remove: ({ layerNumber, channel }) =>
      void database.run('DELETE FROM notes WHERE layer_number = ? AND channel = ?', layerNumber, channel),
  }
}
