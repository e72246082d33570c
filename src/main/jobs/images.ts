import { VebiError } from '../../shared/errors.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { ImageId, ImageInfo, ImageRole, Page, Picture } from '../../shared/results.ts'
import { encodePng } from '../data/encode.ts'
import { displayImage, preprocessMask } from '../data/preprocess.ts'
import type { Project } from './project.ts'

/** Images of an open project by id: no path comes in, so nothing outside of the project's data can be reached. */

export interface ImagePlace {
  readonly role: ImageRole
  readonly index: number
}

/** Throws VebiError('bad-argument') for an image that the project does not have. */
export function placeOf(project: Project, id: ImageId): ImagePlace {
  const [, role, digits] = /^(train|test)\/(\d{1,9})$/.exec(id) ?? []
  const index = Number(digits)
  if ((role === 'train' || role === 'test') && index < project[role].records.length) return { role, index }
  throw new VebiError('bad-argument', `There is no image "${id}" in ${project.folder}.`)
}

/** Position of a test image; throws VebiError('bad-argument') for a training image as well. */
export function testIndexOf(project: Project, id: ImageId): number {
  const { role, index } = placeOf(project, id)
  if (role === 'test') return index
  throw new VebiError('bad-argument', `"${id}" is a training image: this is known of test images only.`)
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
  const { role, index } = placeOf(project, id)
  const raw = await project[role].read(index)
  const shown = view === 'original' ? raw : displayImage(raw, project.config.preprocessing)
  return { mime: 'image/png', ...(await encodePng(shown, maxSide)) }
}

export async function maskOf(project: Project, id: ImageId): Promise<Matrix<Uint8Array>> {
  const { role, index } = placeOf(project, id)
  const { height, width, data } = preprocessMask(await project[role].readMask(index), project.config.preprocessing)
  return { shape: [height, width], data }
}
