import { join } from 'node:path'
import { VebiError } from '../../shared/errors.ts'
import { isImageName, listFiles, withoutImageEnding } from './files.ts'

/**
 * Finds the mask of each named image: the file with the same relative name, with any image ending, in the masks
 * folder. Answers a path or null per name, and a note where files of the folder belong to no image. Throws
 * VebiError('bad-data') when two files claim one image or no file fits any.
 */
export async function findMasks(
  folder: string, imageNames: readonly string[],
): Promise<{ paths: (string | null)[]; notes: string[] }> {
  const byName = new Map<string, string>()
  for (const name of await listFiles(folder)) {
    if (!isImageName(name)) continue
    const key = withoutImageEnding(name)
    const other = byName.get(key)
    if (other !== undefined) {
      throw new VebiError('bad-data',
        `The masks folder "${folder}" has two masks for one image: "${other}" and "${name}".`)
    }
    byName.set(key, name)
  }
  const used = new Set<string>()
  const paths = imageNames.map((imageName) => {
    const mask = byName.get(withoutImageEnding(imageName))
    if (mask === undefined) return null
    used.add(mask)
    return join(folder, mask)
  })
  if (used.size === 0) {
    throw new VebiError('bad-data',
      `No file in the masks folder "${folder}" has the name of an image such as "${imageNames[0] ?? ''}".`)
  }
  const spare = byName.size - used.size
  return { paths, notes: spare === 0 ? [] : [`${spare} of ${byName.size} masks in "${folder}" belong to no image.`] }
}
