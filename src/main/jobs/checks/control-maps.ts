import { centreBoxMap } from '../../../core/centre-box.ts'
import { randomMap, sobelMap } from '../../../core/control-maps.ts'
import type { RawImage } from '../../data/types.ts'
import { maskSet } from '../masks.ts'
import type { Project } from '../project.ts'

/** Maps that know nothing of the network, which stand in every table (method section 7). */
export const CONTROLS = [
  { id: 'random-map', name: 'Random map' },
  { id: 'centre-box', name: 'Centre box' },
  { id: 'sobel', name: 'Sobel of the image' },
  { id: 'constant', name: 'Constant map' },
] as const

export type ControlId = (typeof CONTROLS)[number]['id']

/** Share of the image in the centre box where no mask says how large the parts are. */
const UNKNOWN_SHARE = 1 / 4

/** As large as the masks of the test images are on average. */
export async function centreBoxShare({ test, config }: Project): Promise<number> {
  const { meanShare } = await maskSet(test, config.preprocessing)
  return meanShare > 0 ? meanShare : UNKNOWN_SHARE
}

/** @param image as the network sees it; each map is `[height * width]` in [0, 1]. */
export function controlMapsOf(
  image: RawImage,
  boxShare: number,
  seeds: readonly number[],
): Record<ControlId, Float32Array> {
  const { height, width } = image
  return {
    'random-map': randomMap(image, seeds),
    'centre-box': centreBoxMap(height, width, boxShare),
    sobel: sobelMap(image),
    constant: new Float32Array(height * width).fill(1),
  }
}
