import type { Reply } from '../../../shared/contract.ts'
import { IMAGE_PATH } from '../../../shared/image-address.ts'
import { readPageFile } from '../page-files.ts'
import { securityHeaders } from '../page-policy.ts'
import { answerPicture } from '../pictures.ts'
import { isOwnAddress } from './origin.ts'

export interface ProtocolSetting {
  /** Folder of the built page. */
  readonly page: string
  readonly call: (name: string, argument: unknown) => Promise<Reply<unknown>>
}

/** What our own scheme answers: files of the page, and pictures by the id of their image. Nothing else. */
export function createProtocolHandler({ page, call }: ProtocolSetting): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' || !isOwnAddress(request.url)) return answer(403, 'This may not be asked for.')
    const { pathname, searchParams } = new URL(request.url)
    if (pathname.startsWith(IMAGE_PATH)) {
      const found = await answerPicture(call, pathname.slice(IMAGE_PATH.length), searchParams)
      if (found.status !== 200) return answer(found.status, found.sentence)
      const cache = found.keep ? 'private, max-age=3600' : 'no-store'
      return answer(200, Uint8Array.from(found.picture.bytes), { 'Content-Type': found.picture.mime, 'Cache-Control': cache })
    }
    const file = await readPageFile(page, pathname)
    if (!file) return answer(404, 'There is nothing here.')
    return answer(200, file.bytes, { 'Content-Type': file.type, 'Cache-Control': 'no-cache' })
  }
}

function answer(
  status: number,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = { 'Content-Type': 'text/plain; charset=utf-8' },
): Response {
  return new Response(body, { status, headers: { ...securityHeaders('desktop'), ...headers } })
}
