import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FlowerVariant } from '../../../core/an8flower/classes.ts'
import type { Project } from '../project.ts'

/** Area under the IoU curve that the paper gives for its an8Flower (its Fig. 8 and 9); by id of the way to draw. */
export const PAPER_AREAS: Readonly<Record<FlowerVariant, Readonly<Record<'upsampled' | 'deconv-gb' | 'ours', number>>>> = {
  'single-6c': { upsampled: 0.15, 'deconv-gb': 0.22, ours: 0.23 },
  'double-12c': { upsampled: 0.19, 'deconv-gb': 0.2, ours: 0.21 },
}

/** Which variant of our an8Flower the test images are, by the description that the generator leaves beside them. */
export function flowerVariant({ config }: Project): FlowerVariant | null {
  try {
    const text = readFileSync(join(dirname(config.test), 'dataset.json'), 'utf8')
    const { generator, variant } = JSON.parse(text) as { generator?: unknown; variant?: unknown }
    if (generator !== 'vebi an8flower') return null
    return variant === 'single-6c' || variant === 'double-12c' ? variant : null
  } catch {
    // Other data has no such description.
    return null
  }
}
