import type { Filter, Metadata } from 'h5wasm'
import type { Shape } from '../../../shared/graph.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { VebiError } from '../../../shared/errors.ts'
import { translated } from './errors.ts'
import { takeRefusedFiles, type Library } from './library.ts'
import { decoderOf, FLOAT, INTEGER, typeName } from './values.ts'

/** Values are read in blocks of about this size, since the library's memory never shrinks again. */
const BLOCK_BYTES = 4 * 1024 * 1024
/** The library unpacks a whole chunk at once. */
const LARGEST_CHUNK = 256 * 1024 * 1024
const DEFLATE = 1
/** Shuffle and the checksum Fletcher-32: as many bytes as before. */
const FILTERS_OF_EQUAL_SIZE: readonly number[] = [2, 3]

export interface Hdf5Place {
  readonly library: Library
  readonly id: bigint
  readonly path: string
  /** Starts the sentences about the data set. */
  readonly subject: string
}

/** Numbers of any type, row-major, that are read when they are asked for. */
export class Hdf5Dataset {
  readonly shape: Shape
  /** `float32`, `float16`, ... */
  readonly type: string
  readonly compressed: boolean
  /**
   * Bytes that the values claim: all chunks in full, as they are stored, and where they are packed no fewer than they
   * take as float32.
   */
  readonly claimedBytes: number
  private readonly place: Hdf5Place
  private readonly valueBytes: number
  /** Rows that a chunk spans; 1 where the values lie in one piece. */
  private readonly chunkRows: number
  private readonly decode: (bytes: ArrayBuffer) => ArrayLike<number>

  /** Throws VebiError for values that lie elsewhere, are no numbers, or are packed in a way that is not known. */
  constructor(place: Hdf5Place, metadata: Metadata, filters: readonly Filter[]) {
    const { subject } = place
    if (metadata.virtual_sources !== undefined) {
      const sources = metadata.virtual_sources.map((source) => `"${source.file_name}"`).join(', ')
      const from = sources === '' ? 'other data sets' : sources
      throw new VebiError(
        'unsupported',
        `${subject} is a virtual data set, put together from ${from}; only values in the file itself are read.`,
      )
    }
    const { type: kind, size, signed, shape, chunks } = metadata
    const number = { class: kind === FLOAT ? (FLOAT as typeof FLOAT) : INTEGER, size, signed } as const
    const decode = kind === FLOAT || kind === INTEGER ? decoderOf(number) : undefined
    if (!decode || shape === null) throw new VebiError('unsupported', `${subject} does not hold numbers of a known type.`)
    for (const { id, name } of filters) {
      if (id !== DEFLATE && !FILTERS_OF_EQUAL_SIZE.includes(id)) {
        throw new VebiError('unsupported', `${subject} is packed with the filter ${name || id}, which is not supported.`)
      }
    }
    this.place = place
    this.shape = shape.map(Number)
    this.type = typeName(number)
    this.compressed = filters.some(({ id }) => id === DEFLATE)
    this.valueBytes = size
    const whole = chunks ? this.shape.map((length, axis) => roundedUp(length, Number(chunks[axis]))) : this.shape
    this.claimedBytes = sizeOf(whole) * (this.compressed ? Math.max(size, Float32Array.BYTES_PER_ELEMENT) : size)
    this.chunkRows = Number(chunks?.[0] ?? 1)
    this.decode = decode
    if (chunks && sizeOf(chunks.map(Number)) * size > LARGEST_CHUNK) {
      throw new VebiError('bad-model', `${subject} is stored in chunks of more than ${LARGEST_CHUNK} bytes.`)
    }
  }

  /** All values as float32, row-major. */
  values(): Float32Array {
    const result = new Float32Array(sizeOf(this.shape))
    if (result.length === 0) return result
    if (this.shape.length === 0) {
      result.set(this.block(null, 1))
      return result
    }
    const [rows, ...rest] = this.shape
    const rowValues = sizeOf(rest)
    const fitting = Math.max(Math.floor(BLOCK_BYTES / (rowValues * this.valueBytes)), 1)
    const blockRows = Math.ceil(fitting / this.chunkRows) * this.chunkRows
    for (let row = 0; row < rows; row += blockRows) {
      const count = Math.min(blockRows, rows - row)
      result.set(this.block({ row, count, rest }, count * rowValues), row * rowValues)
    }
    return result
  }

  private block(
    selection: { readonly row: number; readonly count: number; readonly rest: Shape } | null,
    values: number,
  ): ArrayLike<number> {
    const { library, id, path, subject } = this.place
    const byteLength = values * this.valueBytes
    const pointer = library._malloc(byteLength)
    if (pointer === 0) throw new VebiError('bad-model', `${subject} is too large to be read (${byteLength} bytes).`)
    try {
      const axes = (numbers: readonly number[]) => numbers.map(BigInt)
      const count = selection && axes([selection.count, ...selection.rest])
      const offset = selection && axes([selection.row, ...selection.rest.map(() => 0)])
      const strides = selection && axes([1, ...selection.rest.map(() => 1)])
      takeRefusedFiles()
      const status = translated(subject, () =>
        library.get_dataset_data(id, path, count, offset, strides, BigInt(pointer)),
      )
      if (status < 0) throw unreadable(subject)
      return this.decode(library.HEAPU8.slice(pointer, pointer + byteLength).buffer)
    } finally {
      library._free(pointer)
    }
  }
}

function roundedUp(length: number, step: number): number {
  return step > 0 ? Math.ceil(length / step) * step : length
}

function unreadable(subject: string): VebiError {
  const [other] = takeRefusedFiles()
  if (other === undefined) return new VebiError('bad-file', `${subject} cannot be read: its values are damaged or missing.`)
  return new VebiError('unsupported', `${subject} keeps its values in another file ("${other}"), which is not opened.`)
}
