import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { FolderEntry, FolderListing, PathIdentity } from '../../shared/folders.ts'
import { fileError } from '../data/files.ts'
import { recogniseImages } from '../data/recognise.ts'
import { recogniseModel } from '../importers/index.ts'
import { holdsProject, isProjectFile } from '../store/project.ts'

/** What a user finds on the machine that the engine runs on, which may be another than the one with the screen. */

/** Entries that a listing shows at most. */
export const MOST_ENTRIES = 5000

/** The same order on every machine, with `image 2` before `image 10`. */
const NAMES = new Intl.Collator('en', { numeric: true })

/**
 * Folders and files, without hidden ones. Throws VebiError naming the folder where it does not exist, is none or
 * cannot be read.
 */
export async function listFolderEntries(folder: string | null): Promise<FolderListing> {
  const path = absolute(folder ?? '~')
  const found = await look(path)
  const folders = found.filter((entry) => entry.isFolder).sort((a, b) => NAMES.compare(a.name, b.name))
  const files = found.filter((entry) => !entry.isFolder).sort((a, b) => NAMES.compare(a.name, b.name))
  const shown = [...folders, ...files].slice(0, MOST_ENTRIES)
  const parent = dirname(path)
  return {
    folder: path,
    parent: parent === path ? null : parent,
    entries: await Promise.all(
      shown.map(async ({ name, isFolder }): Promise<FolderEntry> => {
        const entry = join(path, name)
        if (isFolder) return { name, path: entry, kind: (await holdsProject(entry)) ? 'project' : 'folder', bytes: 0 }
        return { name, path: entry, kind: 'file', bytes: (await stat(entry).catch(() => null))?.size ?? 0 }
      }),
    ),
    omitted: found.length - shown.length,
  }
}

/** Never throws: what cannot be read is `other`, with the reason. */
export async function identifyPath(text: string): Promise<PathIdentity> {
  const path = absolute(text)
  try {
    return await identify(path)
  } catch (error) {
    return { path, kind: 'other', sentence: reasonOf(error) }
  }
}

async function identify(path: string): Promise<PathIdentity> {
  if (isProjectFile(path) && (await holdsProject(dirname(path)))) return identify(dirname(path))
  if (await holdsProject(path)) return { path, kind: 'project', sentence: 'A project of VEBI Workbench.' }
  const model = await recogniseModel(path)
  if (model?.supported) return { path, kind: 'model', sentence: model.sentence }
  const images = await recogniseImages(path)
  if (images && images.kind !== 'other') return { path: images.location, kind: images.kind, sentence: images.sentence }
  const found = await stat(path).catch((error: unknown) => fileError(error, path))
  if (found instanceof VebiError) {
    return { path, kind: found.code === 'missing-file' ? 'missing' : 'other', sentence: found.message }
  }
  const what = found.isDirectory()
    ? 'a project, a model or a folder of images for each class'
    : 'a model, a list of images or a PNG, JPEG or WebP image'
  return { path, kind: 'other', sentence: model?.sentence ?? images?.sentence ?? `"${path}" is not ${what}.` }
}

interface Found {
  readonly name: string
  readonly isFolder: boolean
}

async function look(path: string): Promise<Found[]> {
  let entries: Dirent[]
  try {
    entries = await readdir(path, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR' && (await stat(path).catch(() => null))) {
      throw new VebiError('bad-argument', `"${path}" is a file, not a folder.`, { cause: error })
    }
    throw fileError(error, path)
  }
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  const found = await Promise.all(
    visible.map(async (entry): Promise<Found[]> => {
      const { name } = entry
      // A link counts as what it leads to; one that leads nowhere is left out, as are devices and sockets.
      const kind = entry.isSymbolicLink() ? await stat(join(path, name)).catch(() => null) : entry
      return kind?.isDirectory() || kind?.isFile() ? [{ name, isFolder: kind.isDirectory() }] : []
    }),
  )
  return found.flat()
}

/** Relative to the user's home, which also has the name `~`. */
function absolute(text: string): string {
  const home = homedir()
  return resolve(home, text.replace(/^~(?=$|[\\/])/, () => home))
}
