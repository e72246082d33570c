import type { ImageId } from './images.ts'

/**
 * Addresses of pictures, for `<img src>`. They are of the page's own origin, in the desktop window (`vebi://app`) as
 * in a browser, so that the page may use their pixels on a canvas.
 */

export type ImageView = 'displayed' | 'original'

export interface ImageRequest {
  readonly image: ImageId
  readonly view: ImageView
  /** Neither side of the picture is longer, in pixels. */
  readonly maxSide: number
}

const LONGEST_SIDE = 4096

export const IMAGE_PATH = '/image/'

/**
 * @param version Changes with the project: ids are of the open project, and a picture may be kept by the page as long
 *   as its address stays the same.
 */
export function imageAddress({ image, view, maxSide }: ImageRequest, version: string): string {
  return `${IMAGE_PATH}${image}?${new URLSearchParams({ view, side: String(maxSide), version }).toString()}`
}

/** What an address asks for; null where it is none. `path` is that behind `/image/`. */
export function parseImageAddress(path: string, query: URLSearchParams): ImageRequest | null {
  if (!/^(train|test|added)\/\d{1,9}$/.test(path)) return null
  const view = query.get('view') ?? 'displayed'
  const side = query.get('side') ?? '512'
  if ((view !== 'displayed' && view !== 'original') || !/^\d{1,4}$/.test(side)) return null
  const maxSide = Number(side)
  return maxSide >= 1 && maxSide <= LONGEST_SIDE ? { image: path as ImageId, view, maxSide } : null
}
