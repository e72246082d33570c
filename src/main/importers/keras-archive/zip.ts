import type { Readable } from 'node:stream'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { mostUnpackedBytes } from '../unpacking.ts'

/** A model's archive has three members, and one for each of its assets. */
const MOST_MEMBERS = 10_000

/** The members of a zip archive that are wanted, and how large each may be. */
export type Wanted = Readonly<Record<string, number>>

/**
 * Reads members of a zip archive into memory, checked against the sizes they state, which are bounded before anything
 * is unpacked. A member that is not there is left out. Throws VebiError naming the archive and the member.
 */
export async function readMembers(location: string, wanted: Wanted): Promise<ReadonlyMap<string, Uint8Array>> {
  let archive: ZipFile
  try {
    archive = await openPromise(location, { autoClose: false })
  } catch (error) {
    throw new VebiError('bad-file', `${location} is no zip archive, or one that is cut off.`, { cause: error })
  }
  try {
    if (archive.entryCount > MOST_MEMBERS) {
      throw new VebiError('bad-file', `${location} has ${archive.entryCount} members, more than any model has.`)
    }
    const entries = new Map<string, Entry>()
    for await (const entry of archive.eachEntry()) {
      if (!Object.hasOwn(wanted, entry.fileName)) continue
      if (entries.has(entry.fileName)) {
        throw new VebiError('bad-file', `${location} has two members named "${entry.fileName}".`)
      }
      checkSize(location, entry, wanted[entry.fileName])
      entries.set(entry.fileName, entry)
    }
    const members = new Map<string, Uint8Array>()
    for (const [name, entry] of entries) {
      members.set(name, await collect(await archive.openReadStreamPromise(entry), entry.uncompressedSize))
    }
    return members
  } catch (error) {
    if (error instanceof VebiError) throw error
    throw new VebiError('bad-file', `${location} is damaged: ${reasonOf(error)}.`, { cause: error })
  } finally {
    archive.close()
  }
}

function checkSize(location: string, entry: Entry, largest: number): void {
  const { fileName, compressedSize, uncompressedSize } = entry
  const subject = `${location}: its member "${fileName}"`
  if (entry.isEncrypted()) throw new VebiError('unsupported', `${subject} is encrypted.`)
  if (uncompressedSize > largest) {
    throw new VebiError('bad-file', `${subject} is ${uncompressedSize} bytes large; at most ${largest} are read.`)
  }
  if (uncompressedSize > mostUnpackedBytes(compressedSize)) {
    throw new VebiError('bad-file', `${subject} claims ${uncompressedSize} bytes packed into ${compressedSize}.`)
  }
}

/** yauzl ends the stream with an error as soon as it does not hold the stated number of bytes. */
async function collect(stream: Readable, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let filled = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, filled)
    filled += chunk.length
  }
  return bytes
}
