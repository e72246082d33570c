import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { VebiError } from '../../shared/errors.ts'
import { writeOutput } from './files.ts'

export const MANIFEST_NAME = 'manifest.json'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export interface ManifestContent {
  /** What each file shows, by its path in the folder with forward slashes. Files without an entry are listed too. */
  readonly files?: Readonly<Record<string, string>>
  /** Everything that the numbers depend on; no dates and no paths of the machine. */
  readonly settings: Json
  readonly seeds: Readonly<Record<string, number>>
  readonly versions: Readonly<Record<string, string>>
  /** More facts, for example hashes of model and data. */
  readonly [more: string]: Json | undefined
}

export interface ManifestFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly shows?: string
}

/** The text of a manifest, keys sorted, so that equal results give an equal file. */
export function manifestText(content: {
  readonly files: readonly ManifestFile[]
  readonly [more: string]: unknown
}): string {
  return JSON.stringify(sortedKeys(content as unknown as Json), null, 2) + '\n'
}

/**
 * Writes `manifest.json`: every other file in the folder and below with its size and SHA-256, and the content
 * given, keys sorted, so that equal results give an equal file.
 * Throws VebiError('missing-file') when a file is described that is not there.
 */
export async function writeManifest(folder: string, content: ManifestContent): Promise<void> {
  const { files: described = {}, ...rest } = content
  const files: ManifestFile[] = []
  for (const name of await filesBelow(folder)) {
    const shows = Object.hasOwn(described, name) ? described[name] : undefined
    const file = { path: name, ...(await fingerprint(path.join(folder, name))) }
    files.push(shows === undefined ? file : { ...file, shows })
  }
  for (const name of Object.keys(described)) {
    if (!files.some((file) => file.path === name)) {
      throw new VebiError('missing-file', `The manifest describes ${name}, which is not in ${folder}.`)
    }
  }
  await writeOutput(folder, MANIFEST_NAME, manifestText({ ...rest, files }))
}

/** Paths with forward slashes, in code unit order. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => name !== MANIFEST_NAME)
    .sort((a, b) => (a < b ? -1 : 1))
}

async function fingerprint(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return { bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}

function sortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value as Record<string, Json>).filter(([, member]) => member !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedKeys(member)]))
}
