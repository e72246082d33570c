import { Buffer } from 'node:buffer'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'

/** The bytes of a zip archive with these members, stored as Keras does, or packed by Deflate. */
export async function archiveBytes(
  members: readonly (readonly [name: string, content: string | Uint8Array])[],
  compress = false,
): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [name, content] of members) archive.addBuffer(Buffer.from(content as Uint8Array), name, { compress })
  archive.end()
  return buffer(archive.outputStream)
}
