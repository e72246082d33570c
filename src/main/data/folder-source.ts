import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { openFiles } from './file-source.ts'
import { isImageName, listed, listFiles, listFolder, plural } from './files.ts'
import { findMasks } from './masks.ts'
import type { OpenOptions } from './open-options.ts'
import type { ImageSource } from './types.ts'

/**
 * A folder with one folder per class, images at any depth inside. Classes by name, or in the order of
 * `options.classes`, which must then name the same folders. A masks folder inside the location is not a class.
 */
export async function openFolder(location: string, options: OpenOptions): Promise<ImageSource> {
  const { folders, files: besides } = await listFolder(location)
  const masksFolder = options.masks === undefined ? null : await realpath(options.masks)
  const found: string[] = []
  for (const folder of folders) {
    if ((await realpath(join(location, folder))) !== masksFolder) found.push(folder)
  }
  if (found.length === 0) {
    throw new VebiError('bad-data', `"${location}" holds no folders: one folder of images per class is expected.`)
  }
  const classes = orderClasses(location, found, options.classes)

  const notes: string[] = []
  const images: { name: string; label: number }[] = []
  let ignored = besides.filter((name) => !isImageName(name)).length
  for (const [label, className] of classes.entries()) {
    throwIfCancelled(options.signal)
    const names = await listFiles(join(location, className))
    const imageNames = names.filter(isImageName)
    if (imageNames.length === 0) {
      throw new VebiError('bad-data',
        `The class folder "${join(location, className)}" holds no image (PNG, JPEG, WebP, GIF or TIFF).`)
    }
    if (imageNames.some((name) => name.includes('/'))) {
      notes.push(`Class "${className}" takes images from folders inside its folder: `
        + `check that the folders of "${location}" are the classes.`)
    }
    ignored += names.length - imageNames.length
    for (const name of imageNames) images.push({ name: `${className}/${name}`, label })
  }
  if (ignored > 0) notes.push(`${plural(ignored, 'file')} in "${location}" ignored: not PNG, JPEG, WebP, GIF or TIFF.`)
  const loose = besides.filter(isImageName).length
  if (loose > 0) notes.push(`${plural(loose, 'image')} in "${location}" ignored: in no class folder.`)

  const masks = options.masks === undefined ? null : await findMasks(options.masks, images.map(({ name }) => name))
  const files = images.map(({ name, label }, index) => (
    { path: join(location, name), name, label, maskPath: masks?.paths[index] ?? null }))
  return openFiles({ location, classes, files, notes: [...notes, ...(masks?.notes ?? [])] }, options)
}

function orderClasses(
  location: string, found: readonly string[], wanted: readonly string[] | undefined,
): readonly string[] {
  if (wanted === undefined) return found
  const missing = wanted.filter((name) => !found.includes(name))
  if (missing.length > 0) throw new VebiError('bad-data', `"${location}" has no folder for: ${listed(missing)}.`)
  const unknown = found.filter((name) => !wanted.includes(name))
  if (unknown.length > 0) {
    throw new VebiError('bad-data', `"${location}" has folders that are not among the classes: ${listed(unknown)}.`)
  }
  return wanted
}
