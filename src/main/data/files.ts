import type { Dirent } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { reasonOf, VebiError } from '../../shared/errors.ts'

const IMAGE_ENDING = /\.(png|jpe?g|webp|gif|tiff?)$/i

/** Whether the ending is one of PNG, JPEG, WebP, GIF or TIFF, in any case. */
export function isImageName(name: string): boolean {
  return IMAGE_ENDING.test(name)
}

/** The name without its image ending, which is how an image and its mask find each other. */
export function withoutImageEnding(name: string): string {
  return name.replace(IMAGE_ENDING, '')
}

/** Order by UTF-16 code units, so that it is the same on every machine and in every locale. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false
}

/** Whole file; `name` is what the sentence of a failure calls it. */
export async function readWhole(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw fileError(error, name)
  }
}

/** The sentence for a file or folder that the operating system does not hand out. */
export function fileError(error: unknown, name: string): VebiError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new VebiError('missing-file', `"${name}" does not exist.`, { cause: error })
  }
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : reasonOf(error)
  return new VebiError('bad-file', `"${name}" cannot be read: ${reason}.`, { cause: error })
}

/**
 * Names of the files below a folder, sorted, with `/` between parts on every system. Names that start with a dot, and
 * what is neither file nor folder, are left out. Links are followed.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = []
  const visit = async (path: string, real: string, prefix: string) => {
    for (const entry of await readFolder(path)) {
      const child = join(path, entry.name)
      const found = entry.isSymbolicLink() ? await stat(child).catch(() => null) : entry
      // A link that leads nowhere stays in the list, so that reading it names it.
      if (found === null || found.isFile()) names.push(prefix + entry.name)
      else if (found.isDirectory()) {
        const realChild = entry.isSymbolicLink() ? await realpath(child) : join(real, entry.name)
        if ((real + sep).startsWith(realChild + sep)) {
          throw new VebiError('bad-file', `"${child}" is a link to a folder that contains it.`)
        }
        await visit(child, realChild, `${prefix}${entry.name}/`)
      }
    }
  }
  await visit(folder, await realpath(folder).catch(() => folder), '')
  return names.sort(byCodeUnits)
}

/** Names of the folders and of the files that stand directly in a folder, sorted; links and dots as in `listFiles`. */
export async function listFolder(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = []
  const files: string[] = []
  for (const entry of await readFolder(folder)) {
    const found = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry
    if (found === null || found.isFile()) files.push(entry.name)
    else if (found.isDirectory()) folders.push(entry.name)
  }
  return { folders: folders.sort(byCodeUnits), files: files.sort(byCodeUnits) }
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.'))
  } catch (error) {
    throw fileError(error, path)
  }
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The first few of many names in quotes, and how many more there are. */
export function listed(names: readonly string[], shown = 5): string {
  const more = names.length - shown
  return names.slice(0, shown).map((name) => `"${name}"`).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
