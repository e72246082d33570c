import { hash } from 'node:crypto'
import { VebiError } from '../../shared/errors.ts'
import type { AddedImage, ImageId } from '../../shared/images.ts'
import { decodeImage } from '../data/decode.ts'
import type { RawImage } from '../data/types.ts'
import type { StoredAddedImage } from '../store/added-images.ts'
import type { Project } from './project.ts'

/** Images that the user added to look at; the project keeps their files. */

/** Largest file that is taken. */
export const MAX_ADDED_BYTES = 64 * 2 ** 20

/**
 * Adds the bytes of an image file; the same content is added once. Throws VebiError('bad-file') naming a file that is
 * too large, does not decode, or has too many pixels, which is found out before they are decoded.
 */
export async function addImage(project: Project, name: string, bytes: Uint8Array): Promise<AddedImage> {
  if (bytes.length > MAX_ADDED_BYTES) throw tooLarge(name, bytes.length)
  const file = { name, hash: hash('sha256', bytes) }
  const known = project.store.addedImages.find(file.hash)
  return describeAdded(known ?? addDecoded(project, file, bytes, await decodeImage(bytes, name)))
}

/** The same for a file that is hashed and decoded already. */
export function addDecoded(
  project: Project,
  file: Pick<StoredAddedImage, 'name' | 'hash'>,
  bytes: Uint8Array,
  { height, width }: RawImage,
): StoredAddedImage {
  return project.store.addedImages.add({ ...file, height, width }, bytes)
}

/** Latest first. */
export function listAddedImages(project: Project): AddedImage[] {
  return project.store.addedImages.list().map(describeAdded)
}

/** Removes all of them or, where one does not exist, none. Returns those that are left. */
export function removeAddedImages(project: Project, ids: readonly ImageId[]): AddedImage[] {
  const present = new Map(project.store.addedImages.list().map(({ id }): [ImageId, number] => [`added/${id}`, id]))
  const numbers = ids.map((id) => {
    const number = present.get(id)
    if (number !== undefined) return number
    throw new VebiError('bad-argument', `There is no added image "${id}" in ${project.folder}.`)
  })
  project.store.addedImages.remove(numbers)
  return listAddedImages(project)
}

/** Throws VebiError('bad-argument') where there is none of this number. */
export function requireAddedImage(project: Project, id: number): StoredAddedImage {
  const found = project.store.addedImages.get(id)
  if (found) return found
  throw new VebiError('bad-argument', `There is no image "added/${id}" in ${project.folder}.`)
}

export async function readAddedImage(project: Project, id: number): Promise<RawImage> {
  const { name } = requireAddedImage(project, id)
  return decodeImage(project.store.addedImages.bytes(id)!, name)
}

export function describeAdded({ id, name, height, width }: StoredAddedImage): AddedImage {
  return { id: `added/${id}`, name, height, width }
}

export function tooLarge(name: string, bytes: number): VebiError {
  const size = (bytes / 2 ** 20).toFixed(1)
  return new VebiError('bad-file', `"${name}" has ${size} MiB; at most ${MAX_ADDED_BYTES / 2 ** 20} MiB can be added.`)
}
