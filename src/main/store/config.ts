import { VebiError } from '../../shared/errors.ts'
import { canonicalJson } from './artifact-key.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

/** Anything that validates, such as a zod schema. */
export interface Schema<Value> {
  safeParse(value: unknown): { success: true; data: Value } | { success: false; error: { issues: readonly Issue[] } }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The project's configuration, undefined before the first `writeConfig`; throws VebiError('bad-file') if invalid. */
export function readConfig<Value>(database: ReadableDatabase, schema: Schema<Value>): Value | undefined {
  const row = database.get<{ value: string }>('SELECT value FROM config')
  if (!row) return undefined
  const parsed = schema.safeParse(JSON.parse(row.value))
  if (parsed.success) return parsed.data
  const reasons = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; ')
  throw new VebiError('bad-file', `The configuration in ${database.file} is not valid: ${reasons}.`)
}

/** Replaces the configuration by any JSON value. */
export function writeConfig(database: WritableDatabase, value: unknown): void {
  database.run(
    'INSERT INTO config (id, value) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value',
    canonicalJson(value),
  )
}
