import { hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { UnreadableImage } from '../../shared/results.ts'
import { decodeImage } from '../data/decode.ts'
import { openFiles } from '../data/file-source.ts'
import { fileError, isFile, listFolder, readWhole } from '../data/files.ts'
import type { ImageSource, Mask, RawImage } from '../data/types.ts'
import { addDecoded, MAX_ADDED_BYTES, tooLarge } from './added-images.ts'
import type { Project } from './project.ts'
import type { JobContext } from './runner.ts'

const IMAGE_ENDING = /\.(png|jpe?g|webp)$/i

/** The project keeps every file: a folder with more is more than it should hold. */
export const MOST_FOLDER_IMAGES = 10_000

/** The images that stand directly in a folder, by name; reading one adds it to the project. */
export interface FolderImages {
  readonly source: ImageSource
  /** Files that cannot be images of it, by name. */
  readonly unreadable: readonly UnreadableImage[]
}

/**
 * Names of the PNG, JPEG and WebP files that stand directly in a folder, sorted. Throws VebiError naming the folder
 * where it is no absolute path, is missing, cannot be read, or holds no such file or too many.
 */
export async function listFolderImages(folder: string): Promise<string[]> {
  if (!isAbsolute(folder)) throw new VebiError('bad-argument', `"${folder}" is not an absolute path.`)
  if (await isFile(folder)) throw new VebiError('bad-file', `"${folder}" is a file, not a folder.`)
  const { files } = await listFolder(folder)
  const names = files.filter((name) => IMAGE_ENDING.test(name))
  if (names.length === 0) throw new VebiError('bad-data', `"${folder}" holds no PNG, JPEG or WebP image.`)
  if (names.length <= MOST_FOLDER_IMAGES) return names
  throw new VebiError(
    'bad-data',
    `"${folder}" holds ${names.length} images; at most ${MOST_FOLDER_IMAGES} can be explained in one go.`,
  )
}

/** Hashes the files `names` of a folder, so that what is known of their content can be found before it is decoded. */
export async function openFolderImages(
  project: Project,
  folder: string,
  names: readonly string[],
  context: JobContext,
): Promise<FolderImages> {
  const classes = [basename(resolve(folder))]
  const unreadable: UnreadableImage[] = []
  const files: { path: string; name: string; label: number; maskPath: null }[] = []
  for (const name of names) {
    throwIfCancelled(context.signal)
    const path = join(folder, name)
    const reason = await refusalOf(path, name)
    if (reason === null) files.push({ path, name, label: 0, maskPath: null })
    else unreadable.push({ name, reason })
  }
  const opened = await openFiles(
    { location: folder, classes, files, notes: [] },
    {
      signal: context.signal,
      onProgress: (done, total) => context.report({ phase: 'read files', done, total, unit: 'images' }),
    },
  )
  const read = async (index: number): Promise<RawImage> => {
    const { name, hash: expected } = opened.records[index]
    const bytes = await readWhole(join(folder, name), name)
    if (hash('sha256', bytes) !== expected) throw new VebiError('bad-file', `"${name}" changed while it was read.`)
    const image = await decodeImage(bytes, name)
    throwIfCancelled(context.signal)
    addDecoded(project, { name, hash: expected }, bytes, image)
    return image
  }
  const { location, records, notes } = opened
  const readMask = (index: number): Promise<Mask> => opened.readMask(index)
  return { source: { location, classes, records, notes, read, readMask }, unreadable }
}

async function refusalOf(path: string, name: string): Promise<string | null> {
  try {
    const { size } = await stat(path)
    return size > MAX_ADDED_BYTES ? tooLarge(name, size).message : null
  } catch (error) {
    return reasonOf(fileError(error, name))
  }
}
