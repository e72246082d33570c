import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { fileError } from './files.ts'

/** An IDX file of unsigned bytes: `sizes` of its axes and the row-major values. */
export interface IdxFile {
  readonly sizes: readonly number[]
  readonly data: Uint8Array
}

interface Header {
  readonly sizes: readonly number[]
  readonly headerLength: number
  readonly dataLength: number
}

const MAX_BYTES = 4 * 2 ** 30
/** Deflate cannot shrink data further than this, so a header that promises more lies. */
const MAX_DEFLATE_RATIO = 1032
const UNSIGNED_BYTE = 0x08

/** Whether a file begins like IDX or like gzip, under which IDX files are kept. */
export async function looksLikeIdx(path: string): Promise<boolean> {
  const start = await firstBytes(path)
  return isGzip(start) || (start.length === 4 && start[0] === 0 && start[1] === 0 && start[2] === UNSIGNED_BYTE)
}

/**
 * Reads an IDX file (LeCun's format: two zero bytes, type, number of axes, big-endian sizes, values), gzip or plain as
 * told by its content. Throws VebiError('bad-file') naming the file when it is foreign, truncated or too long, and
 * stops reading as soon as that is known.
 */
export async function readIdx(path: string, signal?: AbortSignal): Promise<IdxFile> {
  const refuse = (reason: string, cause?: unknown) => new VebiError('bad-file', `"${path}" ${reason}.`, { cause })
  const zipped = isGzip(await firstBytes(path))
  const { size } = await stat(path)
  const limit = Math.min(MAX_BYTES, zipped ? size * MAX_DEFLATE_RATIO : size)

  let start = new Uint8Array(0)
  let header: Header | null = null
  let data = new Uint8Array(0)
  let filled = 0
  try {
    for await (const chunk of byteStream(path, zipped)) {
      throwIfCancelled(signal)
      let values: Uint8Array = chunk
      if (header === null) {
        start = new Uint8Array(Buffer.concat([start, chunk]))
        header = parseHeader(start, refuse)
        if (header === null) continue
        if (header.dataLength > limit) {
          throw refuse(`is truncated or too large: its header promises ${header.dataLength} bytes of values`)
        }
        data = new Uint8Array(header.dataLength)
        values = start.subarray(header.headerLength)
      }
      if (filled + values.length > data.length) {
        throw refuse(`goes on after the ${data.length} bytes of values that its header promises`)
      }
      data.set(values, filled)
      filled += values.length
    }
  } catch (error) {
    if (error instanceof VebiError) throw error
    const endless = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'
    throw refuse(endless ? 'is truncated: its gzip stream has no end' : `cannot be read: ${reasonOf(error)}`, error)
  }
  if (header === null) throw refuse('is too short to be an IDX file')
  if (filled < data.length) throw refuse(`is truncated: it holds ${filled} of ${data.length} bytes of values`)
  return { sizes: header.sizes, data }
}

/** Null while the header is incomplete. */
function parseHeader(bytes: Uint8Array, refuse: (reason: string) => VebiError): Header | null {
  if (bytes.length < 4) return null
  const [zero, alsoZero, type, axes] = bytes as unknown as [number, number, number, number]
  if (zero !== 0 || alsoZero !== 0) throw refuse('is not an IDX file: it does not begin with two zero bytes')
  if (type !== UNSIGNED_BYTE) {
    throw refuse(`is not an IDX file of unsigned bytes: its type is 0x${type.toString(16).padStart(2, '0')}, not 0x08`)
  }
  if (axes < 1 || axes > 4) throw refuse(`has ${axes} axes: labels have 1, images 3 or 4`)
  const headerLength = 4 + axes * 4
  if (bytes.length < headerLength) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const sizes = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + axis * 4))
  return { sizes, headerLength, dataLength: sizes.reduce((product, size) => product * size, 1) }
}

function byteStream(path: string, zipped: boolean): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  if (!zipped) return file as Readable & AsyncIterable<Uint8Array>
  const gunzip = createGunzip({ chunkSize: 1 << 20 })
  // An error reaches the reader through the gunzip stream.
  return pipeline(file, gunzip, () => {}) as Readable & AsyncIterable<Uint8Array>
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(error, path)
  }
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}
