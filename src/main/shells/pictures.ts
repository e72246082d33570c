import type { Reply } from '../../shared/contract.ts'
import { parseImageAddress } from '../../shared/image-address.ts'
import type { Picture } from '../../shared/images.ts'

/** Pictures for the page, by the id of an image. */

export type PictureAnswer =
  | { readonly status: 200; readonly picture: Picture; readonly keep: boolean }
  | { readonly status: 400 | 404 | 409 | 500; readonly sentence: string }

/** Pictures larger than this are not handed to a page, bytes. */
const MOST_BYTES = 64 * 2 ** 20

/**
 * Asks the engine, which reads the image from the project's data, reduces it and encodes it anew: no byte of a file
 * reaches the page as it is.
 *
 * @param path Behind `/image/`.
 */
export async function answerPicture(
  call: (name: 'images.picture', argument: unknown) => Promise<Reply<unknown>>,
  path: string,
  query: URLSearchParams,
): Promise<PictureAnswer> {
  const request = parseImageAddress(path, query)
  if (!request) return { status: 400, sentence: 'This is no address of an image.' }
  const reply = await call('images.picture', request)
  if (reply.ok) {
    const picture = reply.result as Picture
    if (picture.mime !== 'image/png' || picture.bytes.byteLength > MOST_BYTES) {
      return { status: 500, sentence: `The picture of ${request.image} is too large.` }
    }
    return { status: 200, picture, keep: query.has('version') }
  }
  const { code, sentence } = reply.error
  if (code === 'not-ready') return { status: 409, sentence }
  return { status: code === 'internal' ? 500 : 404, sentence }
}
