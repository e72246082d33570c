import { createHash } from 'node:crypto'
import { VebiError } from '../../shared/errors.ts'
import { preprocessMask } from '../data/preprocess.ts'
import type { ImageSource, Mask, Preprocessing } from '../data/types.ts'
import type { Project } from './project.ts'

/** Indexes of the images that have a mask. */
export function maskedImages({ records }: ImageSource): Int32Array {
  return Int32Array.from(records.keys()).filter((index) => records[index].hasMask)
}

/** The mask in the network's geometry. Throws VebiError('bad-data') where it is empty. */
export async function networkMask(source: ImageSource, index: number, preprocessing: Preprocessing): Promise<Mask> {
  const mask = preprocessMask(await source.readMask(index), preprocessing)
  if (mask.data.includes(1)) return mask
  throw new VebiError(
    'bad-data',
    `The mask of ${source.records[index].name} is empty: nothing can be found in it.`,
  )
}

/** What all masks of a source say together. */
export interface MaskSet {
  /** SHA-256 over the masks of all images that can be read, in order: changed masks are other inputs. */
  readonly key: string
  /** Mean share of the image that a mask covers, in the network's geometry; 0 without masks. */
  readonly meanShare: number
}

/** Share of the image in the centre box where no mask says how large the parts are. */
const UNKNOWN_SHARE = 1 / 4

/** Of the control map of that name: as large as the masks of the test images are on average. */
export async function centreBoxShare({ test, config }: Project): Promise<number> {
  const { meanShare } = await maskSet(test, config.preprocessing)
  return meanShare > 0 ? meanShare : UNKNOWN_SHARE
}

const known = new WeakMap<ImageSource, Promise<MaskSet>>()

/** Read once for each opened source, as the images are: a result is asked for again and again. */
export function maskSet(source: ImageSource, preprocessing: Preprocessing): Promise<MaskSet> {
  const found = known.get(source)
  if (found) return found
  const set = readMaskSet(source, preprocessing)
  known.set(source, set)
  // A mask that cannot be read may have been mended the next time.
  set.catch(() => known.delete(source))
  return set
}

async function readMaskSet(source: ImageSource, preprocessing: Preprocessing): Promise<MaskSet> {
  const digest = createHash('sha256')
  let shares = 0
  let masks = 0
  for (const index of maskedImages(source)) {
    const mask = await maskOf(source, index)
    if (!mask) continue
    digest.update(`${index} ${mask.height} ${mask.width} `).update(mask.data)
    const { data } = preprocessMask(mask, preprocessing)
    shares += data.reduce((sum, inside) => sum + inside, 0) / data.length
    masks++
  }
  return { key: digest.digest('hex'), meanShare: masks > 0 ? shares / masks : 0 }
}

/** Undefined where the image itself cannot be read and is left out; a mask that cannot be read is an error. */
async function maskOf(source: ImageSource, index: number): Promise<Mask | undefined> {
  try {
    return await source.readMask(index)
  } catch (error) {
    const readable = await source.read(index).then(
      () => true,
      () => false,
    )
    if (readable) throw error
    return undefined
  }
}
