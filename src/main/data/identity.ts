import { createHash } from 'node:crypto'
import { VebiError } from '../../shared/errors.ts'
import type { ImageSource } from './types.ts'

const PAIRS_SHOWN = 3

/** SHA-256 (hex) over the content hashes and labels in order; names and places of the files do not count. */
export function sourceKey(source: ImageSource): string {
  const digest = createHash('sha256')
  for (const { hash, label } of source.records) digest.update(`${hash} ${label}\n`)
  return digest.digest('hex')
}

/**
 * Throws VebiError('overlap') when a test image has the same content as a training image, with the first pairs of
 * names and their number.
 */
export function checkDisjoint(train: ImageSource, test: ImageSource): void {
  const trainName = new Map<string, string>()
  for (const { hash, name } of train.records) if (!trainName.has(hash)) trainName.set(hash, name)
  const shared = test.records.filter(({ hash }) => trainName.has(hash))
  if (shared.length === 0) return
  const pairs = shared.slice(0, PAIRS_SHOWN).map(({ hash, name }) => `"${name}" is "${trainName.get(hash)}"`)
  const more = shared.length - pairs.length
  throw new VebiError('overlap',
    `${shared.length} of ${test.records.length} test images are also training images: ${pairs.join(', ')}`
    + `${more > 0 ? ` and ${more} more` : ''}.`)
}
