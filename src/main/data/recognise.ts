import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import { isImageName, listFolder, plural } from './files.ts'
import { looksLikeIdx } from './idx-file.ts'

/** What a path leads to, as images, by a cheap look: nothing is decoded and no large folder is read whole. */
export interface RecognisedImages {
  readonly kind: 'images' | 'image' | 'other'
  /** As `openSource` takes it: the path, or the pair that an IDX file belongs to. */
  readonly location: string
  readonly sentence: string
}

/** Class folders that are looked into before a folder is said to hold none. */
const FOLDERS_LOOKED_INTO = 20
/** Formats that a dropped picture may have. */
const PICTURE_FORMATS: Readonly<Record<string, string>> = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP' }

/** Null where the path is nothing that holds images. Throws VebiError where a folder cannot be read. */
export async function recogniseImages(path: string): Promise<RecognisedImages | null> {
  const found = await stat(path).catch(() => null)
  if (found === null) return recognisePair(path)
  if (found.isDirectory()) return recogniseFolder(path)
  if (!found.isFile()) return null
  if (/\.csv$/i.test(path)) {
    return { kind: 'images', location: path, sentence: 'A CSV file, read as a list of images with their labels.' }
  }
  return (await recognisePicture(path)) ?? (await recogniseIdx(path))
}

async function recogniseFolder(folder: string): Promise<RecognisedImages | null> {
  const { folders, files } = await listFolder(folder)
  for (const name of folders.slice(0, FOLDERS_LOOKED_INTO)) {
    if (!(await holdsImages(join(folder, name)))) continue
    return { kind: 'images', location: folder, sentence: `A folder with ${plural(folders.length, 'class folder')}.` }
  }
  const loose = files.filter(isImageName).length
  if (loose === 0) return null
  return {
    kind: 'other',
    location: folder,
    sentence: `A folder with ${plural(loose, 'image')}, but not in one folder per class.`,
  }
}

/** At this level or, as for classes with folders inside, one below. */
async function holdsImages(folder: string): Promise<boolean> {
  // A folder that cannot be read holds none that could be used.
  const { folders, files } = await listFolder(folder).catch(() => ({ folders: [], files: [] }))
  if (files.some(isImageName)) return true
  for (const name of folders.slice(0, FOLDERS_LOOKED_INTO)) {
    const inside = await listFolder(join(folder, name)).catch(() => ({ files: [] }))
    if (inside.files.some(isImageName)) return true
  }
  return false
}

async function recognisePicture(path: string): Promise<RecognisedImages | null> {
  const header = await sharp(path).metadata().catch(() => null)
  const format = header === null ? undefined : PICTURE_FORMATS[header.format]
  if (header === null || format === undefined) return null
  const { width, height } = header.autoOrient
  return { kind: 'image', location: path, sentence: `A ${format} image of ${width} x ${height} pixels.` }
}

async function recogniseIdx(path: string): Promise<RecognisedImages | null> {
  // Anything may be under gzip: the name must speak for IDX as well.
  if (!/idx/i.test(basename(path)) || !(await looksLikeIdx(path).catch(() => false))) return null
  for (const [images, labels] of pairsOf(path)) {
    if (await bothExist(images, labels)) {
      return { kind: 'images', location: `${images}:${labels}`, sentence: 'A pair of IDX files, images and labels.' }
    }
  }
  return { kind: 'other', location: path, sentence: `${path} is one IDX file: give the pair as "images:labels".` }
}

/** `train-images-idx3-ubyte` stands beside `train-labels-idx1-ubyte`. */
function pairsOf(path: string): [string, string][] {
  const other = (from: string, to: string, axes: string): string =>
    join(dirname(path), basename(path).replace(from, to).replace(/idx\d/, axes))
  const labels = other('images', 'labels', 'idx1')
  const images = other('labels', 'images', 'idx3')
  return [
    ...(labels === path ? [] : ([[path, labels]] as [string, string][])),
    ...(images === path ? [] : ([[images, path]] as [string, string][])),
  ]
}

async function recognisePair(path: string): Promise<RecognisedImages | null> {
  for (let colon = path.indexOf(':'); colon >= 0; colon = path.indexOf(':', colon + 1)) {
    if (await bothExist(path.slice(0, colon), path.slice(colon + 1))) {
      return { kind: 'images', location: path, sentence: 'A pair of IDX files, images and labels.' }
    }
  }
  return null
}

async function bothExist(...paths: string[]): Promise<boolean> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)))
  return found.every((each) => each?.isFile() ?? false)
}
