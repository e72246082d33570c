import { VebiError } from '../../shared/errors.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { ImageId, ImageInfo, ImageRole, Page, Picture } from '../../shared/images.ts'
import { encodePng } from '../data/encode.ts'
import { displayImage, preprocessMask } from '../data/preprocess.ts'
import type { RawImage } from '../data/types.ts'
import { readAddedImage, requireAddedImage } from './added-images.ts'
import type { Project } from './project.ts'

/** Images of an open project by id: no path comes in, so nothing outside of the project's data can be reached. */

/** An image of the data with its position, or one that the user added with its number. */
export interface ImagePlace {
  readonly role: ImageRole | 'added'
  readonly index: number
}

/** Throws VebiError('bad-argument') for an image that the project does not have. */
export function placeOf(project: Project, id: ImageId): ImagePlace {
  const [, role, digits] = /^(train|test|added)\/(0|[1-9]\d{0,8})$/.exec(id) ?? []
  const index = Number(digits)
  if ((role === 'train' || role === 'test') && index < project[role].records.length) return { role, index }
  if (role === 'added' && project.store.addedImages.get(index)) return { role, index }
  throw new VebiError('bad-argument', `There is no image "${id}" in ${project.folder}.`)
}

/** Decoded, as on disk. Throws as `placeOf`, and VebiError('bad-file') naming an image that cannot be read. */
export async function readImage(project: Project, id: ImageId): Promise<RawImage> {
  const { role, index } = placeOf(project, id)
  return role === 'added' ? readAddedImage(project, index) : project[role].read(index)
}

/** SHA-256 (hex) of the image's content, which its results are keyed by. Throws as `placeOf`. */
export function contentHashOf(project: Project, id: ImageId): string {
  const { role, index } = placeOf(project, id)
  return role === 'added' ? requireAddedImage(project, index).hash : project[role].records[index].hash
}

/** Position of a test image; throws VebiError('bad-argument') for any other image. */
export function testIndexOf(project: Project, id: ImageId): number {
  const { role, index } = placeOf(project, id)
  if (role === 'test') return index
  throw new VebiError('bad-argument', `"${id}" is no test image: this is known of test images only.`)
}

export function imageInfo(project: Project, role: ImageRole, index: number): ImageInfo {
  const { name, label, hasMask } = project[role].records[index]
  return { id: `${role}/${index}`, name, label, hasMask }
}

export function listImages(
  project: Project,
  options: { role: ImageRole; classIndex: number | null; offset: number; limit: number },
): Page<ImageInfo> {
  const { role, classIndex, offset, limit } = options
  const indexes = [...project[role].records.keys()].filter(
    (index) => classIndex === null || project[role].records[index].label === classIndex,
  )
  return {
    total: indexes.length,
    items: indexes.slice(offset, offset + limit).map((index) => imageInfo(project, role, index)),
  }
}

export async function pictureOf(
  project: Project,
  id: ImageId,
  view: 'displayed' | 'original',
  maxSide: number,
): Promise<Picture> {
  const raw = await readImage(project, id)
  const shown = view === 'original' ? raw : displayImage(raw, project.config.preprocessing)
  return { mime: 'image/png', ...(await encodePng(shown, maxSide)) }
}

export async function maskOf(project: Project, id: ImageId): Promise<Matrix<Uint8Array>> {
  const { role, index } = placeOf(project, id)
  if (role === 'added') {
    throw new VebiError('bad-data', `"${requireAddedImage(project, index).name}" was added to look at: it has no mask.`)
  }
  const { height, width, data } = preprocessMask(await project[role].readMask(index), project.config.preprocessing)
  return { shape: [height, width], data }
}
