import { hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { UnreadableImage } from '../../shared/images.ts'
import { decodeImage } from '../data/decode.ts'
import { fileError, isFile, listFolder, readWhole } from '../data/files.ts'
import type { ImageRecord, ImageSource, Mask, RawImage } from '../data/types.ts'
import { addDecoded, MAX_ADDED_BYTES, tooLarge } from './added-images.ts'
import type { Project } from './project.ts'
import type { JobContext } from './runner.ts'

const IMAGE_ENDING = /\.(png|jpe?g|webp)$/i

/** The project keeps every file: a folder with more is more than it should hold. */
const MOST_FOLDER_IMAGES = 10_000

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
  const records: ImageRecord[] = []
  for (const [index, name] of names.entries()) {
    throwIfCancelled(context.signal)
    // One file that is locked, or gone since the folder was listed, is no reason to leave out the others.
    try {
      records.push({ hash: await hashOf(join(folder, name), name), label: 0, name, hasMask: false })
    } catch (error) {
      unreadable.push({ name, reason: reasonOf(error) })
    }
    context.report({ phase: 'read files', done: index + 1, total: names.length, unit: 'images' })
  }
  const read = async (index: number): Promise<RawImage> => {
    const { name, hash: expected } = records[index]
    const bytes = await readWhole(join(folder, name), name)
    if (hash('sha256', bytes) !== expected) throw new VebiError('bad-file', `"${name}" changed while it was read.`)
    const image = await decodeImage(bytes, name)
    throwIfCancelled(context.signal)
    addDecoded(project, { name, hash: expected }, bytes, image)
    return image
  }
  const readMask = (): Promise<Mask> => Promise.reject(new VebiError('bad-data', 'Images of a folder have no masks.'))
  return { source: { location: folder, classes, records, notes: [], read, readMask }, unreadable }
}

/** SHA-256 of a file. Throws VebiError where it cannot be read or is too large to be added. */
async function hashOf(path: string, name: string): Promise<string> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, name)
  })
  if (size > MAX_ADDED_BYTES) throw tooLarge(name, size)
  return hash('sha256', await readWhole(path, name))
}
