import type { Migration } from '../migrate.ts'
import { createTables } from './0001-create-tables.ts'
import { createNotesAndSettings } from './0002-notes-and-settings.ts'
import { createAddedImages } from './0003-added-images.ts'
import { createFigures } from './0004-figures.ts'

/** In order; the position of a migration plus one is the version it leads to. Published ones never change. */
export const MIGRATIONS: readonly Migration[] = [createTables, createNotesAndSettings, createAddedImages, createFigures]
