import { open, type FileHandle } from 'node:fs/promises'
import { constants, createInflate, inflateSync } from 'node:zlib'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { mostUnpackedBytes } from '../unpacking.ts'
import { readArray, readHeader } from './arrays.ts'
import { COMPRESSED, ElementReader, MATRIX } from './elements.ts'
import type { MatlabValue } from './values.ts'

const HEADER_BYTES = 128
/** Holds the tag of a variable, its flags, dimensions and name. */
const BEGINNING_BYTES = 1024
const MOST_VARIABLES = 10_000
const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')
/** Bytes that one call reads; Node's limit lies below 2 GiB. */
const CHUNK_BYTES = 2 ** 28

/** A MAT-file of MATLAB 5.0 to 7.2 that is open for reading. */
export interface MatlabFile {
  /** Names of the variables, in the order of the file. */
  readonly names: readonly string[]
  /** One variable's value; undefined where there is none. Throws VebiError naming the file and the variable. */
  read(name: string): Promise<MatlabValue | undefined>
}

interface Variable {
  readonly name: string
  readonly isPacked: boolean
  /** Of its data, behind the tag. */
  readonly position: number
  readonly size: number
}

/** Opens a MAT-file for as long as `use` runs. Throws VebiError, one sentence naming the file, where it is none. */
export async function withMatlabFile<Result>(
  location: string,
  use: (file: MatlabFile) => Promise<Result>,
): Promise<Result> {
  let handle: FileHandle
  try {
    handle = await open(location)
  } catch (error) {
    throw new VebiError('bad-file', `${location} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  try {
    const { size } = await handle.stat()
    const littleEndian = await readFileHeader(handle, location)
    const variables = await reporting(`${location} is cut off or damaged`, () => list(handle, size, littleEndian))
    return await use({
      names: variables.map(({ name }) => name),
      read: async (name) => {
        const variable = variables.find((one) => one.name === name)
        if (!variable) return undefined
        const subject = `${location} is damaged in its variable "${name}"`
        return reporting(subject, () => readVariable(handle, variable, littleEndian))
      },
    })
  } finally {
    await handle.close()
  }
}

/** Returns whether the file is little-endian. */
async function readFileHeader(handle: FileHandle, location: string): Promise<boolean> {
  const header = await readBytes(handle, 0, HEADER_BYTES)
  const behind = await readBytes(handle, 512, HDF5_SIGNATURE.length)
  if (HDF5_SIGNATURE.equals(behind) || HDF5_SIGNATURE.equals(header.subarray(0, HDF5_SIGNATURE.length))) {
    throw new VebiError(
      'unsupported',
      `${location} is a MAT-file of MATLAB 7.3 (HDF5), which is not read: save it in MATLAB with the option -v7.`,
    )
  }
  const order = header.length === HEADER_BYTES ? Buffer.from(header.subarray(126)).toString('latin1') : ''
  const [low, high] = order === 'IM' ? [header[124], header[125]] : [header[125], header[124]]
  if ((order === 'IM' || order === 'MI') && low === 0 && high === 1) return order === 'IM'
  throw new VebiError('bad-file', `${location} is no MAT-file of MATLAB 5.0 or later, in spite of its name.`)
}

async function list(handle: FileHandle, fileSize: number, littleEndian: boolean): Promise<Variable[]> {
  const variables: Variable[] = []
  let position = HEADER_BYTES
  while (position < fileSize) {
    const tag = await readBytes(handle, position, 8)
    if (tag.length < 8) throw new Error(`it ends in the tag of its variable ${variables.length + 1}`)
    const view = new DataView(tag.buffer, tag.byteOffset, 8)
    const type = view.getUint32(0, littleEndian)
    const size = view.getUint32(4, littleEndian)
    position += 8
    if (type !== MATRIX && type !== COMPRESSED) throw new Error(`its variable ${variables.length + 1} has the unknown type ${type}`)
    if (size > fileSize - position) {
      throw new Error(`its variable ${variables.length + 1} claims ${size} bytes, where ${fileSize - position} are left`)
    }
    if (variables.length === MOST_VARIABLES) throw new Error(`it has more than ${MOST_VARIABLES} variables`)
    const isPacked = type === COMPRESSED
    const stored = await readBytes(handle, position, Math.min(size, BEGINNING_BYTES))
    variables.push({ name: nameOf(stored, isPacked, littleEndian), isPacked, position, size })
    position += size
  }
  return variables
}

function nameOf(stored: Uint8Array, isPacked: boolean, littleEndian: boolean): string {
  // What is cut off behind its beginning unpacks as far as it goes.
  const beginning = isPacked ? inflateSync(stored, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(8) : stored
  return readHeader(new ElementReader(beginning, littleEndian)).name
}

async function readVariable(handle: FileHandle, variable: Variable, littleEndian: boolean): Promise<MatlabValue> {
  const stored = await readBytes(handle, variable.position, variable.size)
  if (stored.length < variable.size) throw new Error('it ends too early')
  if (!variable.isPacked) return readArray(new ElementReader(stored, littleEndian))
  const unpacked = await unpack(stored, littleEndian)
  const reader = new ElementReader(unpacked, littleEndian)
  return readArray(reader.within(reader.next('its array')))
}

/** A packed variable states its size at its beginning, which is bounded before the rest is unpacked. */
async function unpack(stored: Uint8Array, littleEndian: boolean): Promise<Uint8Array> {
  const beginning = inflateSync(stored.subarray(0, BEGINNING_BYTES), { finishFlush: constants.Z_SYNC_FLUSH })
  if (beginning.length < 8) throw new Error('its packed bytes end too early')
  const tag = new DataView(beginning.buffer, beginning.byteOffset, 8)
  if (tag.getUint32(0, littleEndian) !== MATRIX) throw new Error('its packed bytes hold no array')
  const size = 8 + tag.getUint32(4, littleEndian)
  if (size > mostUnpackedBytes(stored.length)) throw new Error(`it claims ${size} bytes packed into ${stored.length}`)
  const unpacked = new Uint8Array(size)
  let filled = 0
  const inflate = createInflate({ chunkSize: 2 ** 20 })
  inflate.end(stored)
  for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
    if (filled + chunk.length > size) throw new Error(`it unpacks to more than the ${size} bytes that it states`)
    unpacked.set(chunk, filled)
    filled += chunk.length
  }
  if (filled < size) throw new Error(`it unpacks to ${filled} bytes, where it states ${size}`)
  return unpacked
}

/** Fewer bytes than asked for where the file ends. */
async function readBytes(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, CHUNK_BYTES), position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

async function reporting<Result>(subject: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof VebiError) throw error
    throw new VebiError('bad-file', `${subject}: ${reasonOf(error)}.`, { cause: error })
  }
}
