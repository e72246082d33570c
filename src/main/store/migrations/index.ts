import type { Migration } from '../migrate.ts'
import { createTables } from './0001-create-tables.ts'

/** In order; the position of a migration plus one is the version it leads to. Published ones never change. */
export const MIGRATIONS: readonly Migration[] = [createTables]
