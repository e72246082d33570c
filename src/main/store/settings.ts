import { canonicalJson } from './artifact-key.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

/** Choices of the user that no result is keyed by; any JSON values, by name. */
export interface SettingReader {
  /** Undefined where it was never set. */
  get(name: string): unknown
}

export interface SettingWriter extends SettingReader {
  set(name: string, value: unknown): void
}

export function settingReader(database: ReadableDatabase): SettingReader {
  return {
    get(name) {
      const row = database.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', name)
      return row && (JSON.parse(row.value) as unknown)
    },
  }
}

export function settingWriter(database: WritableDatabase): SettingWriter {
  return {
    ...settingReader(database),
    set: (name, value) =>
      void database.run('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', name, canonicalJson(value)),
  }
}
