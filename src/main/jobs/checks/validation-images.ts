import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from '../../../shared/errors.ts'
import { checkDisjoint, sourceKey } from '../../data/identity.ts'
import { openSource } from '../../data/source.ts'
import type { ImageSource } from '../../data/types.ts'
import { spreadIndexes } from '../image-set.ts'
import { maskedImages, maskSet } from '../masks.ts'
import type { Project } from '../project.ts'

/** Images with masks that no result is measured on: a threshold that is to be quoted is chosen on them alone. */
export interface ValidationImages {
  /** What they are, as it stands within a sentence. */
  readonly name: string
  readonly source: ImageSource
  /** Those to look at, all with masks. */
  readonly indexes: Int32Array
  /** Hash over images and masks. */
  readonly key: string
}

/** There are none, and why, in one sentence. */
export interface NoValidation {
  readonly reason: string
}

/** Images that a threshold is chosen on: more do not move it. */
const MOST_IMAGES = 150

const FOLDER_NAMES = ['validation', 'valid', 'val']

const known = new WeakMap<ImageSource, Promise<ValidationImages | NoValidation>>()

/**
 * Validation images beside the test images (the same path with `validation`, `valid` or `val` in place of its last
 * name, and masks likewise), else training images with masks. Opened once for each open project.
 */
export function validationImages(project: Project): Promise<ValidationImages | NoValidation> {
  const found = known.get(project.test)
  if (found) return found
  const images = findValidation(project)
  known.set(project.test, images)
  images.catch(() => known.delete(project.test))
  return images
}

async function findValidation(project: Project): Promise<ValidationImages | NoValidation> {
  const { config, train } = project
  const failures: string[] = []
  for (const name of FOLDER_NAMES) {
    const opened = await tryOpen(project, sibling(config.test, name), config.masks && sibling(config.masks, name))
    if (typeof opened === 'string') failures.push(opened)
    else if (opened) return chosen(project, opened, 'the validation images')
  }
  if (maskedImages(train).length > 0) return chosen(project, train, 'training images')
  const trainMasks = config.masks && join(dirname(config.masks), basename(config.train))
  const opened = await tryOpen(project, config.train, trainMasks)
  if (opened && typeof opened !== 'string') return chosen(project, opened, 'training images')
  const sought = 'there are no images with masks outside of the test images to choose a threshold on'
  return { reason: failures[0] ? `${sought} (${failures[0].replace(/\.$/, '')})` : sought }
}

/** Null where there is nothing, a sentence where what there is cannot be used. */
async function tryOpen(
  { config, test }: Project,
  location: string,
  masks: string | null,
): Promise<ImageSource | string | null> {
  if (location === config.test || !existsSync(location)) return null
  if (masks !== null && !existsSync(masks)) return null
  try {
    const source = await openSource(location, { classes: config.classes, masks: masks ?? undefined })
    checkDisjoint(source, test)
    return maskedImages(source).length > 0 ? source : null
  } catch (error) {
    return reasonOf(error)
  }
}

function sibling(path: string, name: string): string {
  const ending = /\.csv$/i.exec(path)?.[0] ?? ''
  return join(dirname(path), name + ending)
}

async function chosen({ config }: Project, source: ImageSource, name: string): Promise<ValidationImages> {
  const masked = maskedImages(source)
  const indexes = spreadIndexes(masked.length, MOST_IMAGES).map((place) => masked[place])
  const { key } = await maskSet(source, config.preprocessing)
  return { name, source, indexes, key: `${sourceKey(source)} ${key}` }
}
