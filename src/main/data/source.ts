import { realpath } from 'node:fs/promises'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { openCsv } from './csv-source.ts'
import { isFile, isFolder } from './files.ts'
import { openFolder } from './folder-source.ts'
import { looksLikeIdx } from './idx-file.ts'
import { openIdx } from './idx-source.ts'
import type { IdxPair } from './idx-source.ts'
import type { OpenOptions } from './open-options.ts'
import type { ImageSource } from './types.ts'

/**
 * Opens DATA: a folder with one folder per class, a CSV `path,label[,mask]`, or an IDX pair `images:labels` (gzip or
 * plain). Reads every image once for its content hash; nothing is decoded. Throws VebiError naming the file and the
 * reason: 'missing-file', 'bad-file' (not what it claims to be), 'bad-data' (labels, classes, masks that do not fit),
 * 'bad-argument' or 'cancelled'.
 */
export async function openSource(location: string, options: OpenOptions = {}): Promise<ImageSource> {
  throwIfCancelled(options.signal)
  checkClasses(options.classes)
  await checkMasks(location, options.masks)
  if (await isFolder(location)) return openFolder(location, options)
  if (await isFile(location)) {
    if (/\.csv$/i.test(location)) return openCsv(location, options)
    if (await looksLikeIdx(location)) {
      throw new VebiError('bad-argument', `"${location}" is one IDX file: give the pair as "images:labels".`)
    }
    throw new VebiError('bad-file', `"${location}" is neither a folder, a CSV file nor an IDX pair "images:labels".`)
  }
  const pair = await findPair(location)
  if (pair === null) throw new VebiError('missing-file', `"${location}" does not exist.`)
  return openIdx(pair, location, options)
}

/** Splits at the colon that leaves two files; a drive letter's colon and colons in names are passed over. */
async function findPair(location: string): Promise<IdxPair | null> {
  let half: IdxPair | null = null
  for (let colon = location.indexOf(':'); colon >= 0; colon = location.indexOf(':', colon + 1)) {
    const pair: IdxPair = { images: location.slice(0, colon), labels: location.slice(colon + 1) }
    const imagesExist = await isFile(pair.images)
    const labelsExist = await isFile(pair.labels)
    if (imagesExist && labelsExist) return pair
    if (imagesExist || labelsExist) half ??= pair
  }
  if (half === null) return null
  const missing = (await isFile(half.images)) ? half.labels : half.images
  throw new VebiError('missing-file', `"${missing}" does not exist (the other file of the pair does).`)
}

function checkClasses(classes: readonly string[] | undefined): void {
  if (classes === undefined) return
  if (classes.length === 0) throw new VebiError('bad-argument', 'The list of classes is empty.')
  const twice = classes.find((name, index) => classes.indexOf(name) !== index)
  if (twice !== undefined) throw new VebiError('bad-argument', `The list of classes names "${twice}" twice.`)
}

async function checkMasks(location: string, masks: string | undefined): Promise<void> {
  if (masks === undefined) return
  if (!(await isFolder(masks))) throw new VebiError('missing-file', `The masks folder "${masks}" does not exist.`)
  if ((await realpath(location).catch(() => null)) === (await realpath(masks))) {
    throw new VebiError('bad-argument', `"${masks}" is given both as the images and as their masks.`)
  }
}
