import { readSync } from 'node:fs'

/** Tensors of fewer bytes are read with the rest. */
const LEAST_LEFT_OUT = 2 ** 16
/** Bytes that are read at once. */
const BLOCK_BYTES = 2 ** 16

/** Fields of ONNX's messages that lead to the bytes of a stored tensor. */
const MODEL_GRAPH = 7
const GRAPH_INITIALIZER = 5
const TENSOR_RAW_DATA = 9
const LENGTH_DELIMITED = 2

/**
 * The bytes of an ONNX file without those of its large stored tensors, which are zeros here and take no memory: the
 * structure of a model is a small part of its file.
 */
export class SparseFile {
  readonly bytes: Buffer
  private readonly descriptor: number
  private readonly loaded: Uint8Array
  private readonly leftOut = new Map<number, number>()

  /** Of an open file of `size` bytes; reads what it needs before it returns. */
  constructor(descriptor: number, size: number) {
    this.descriptor = descriptor
    this.bytes = Buffer.from(new ArrayBuffer(size))
    this.loaded = new Uint8Array(Math.ceil(size / BLOCK_BYTES))
    this.walk(0, size, [MODEL_GRAPH, GRAPH_INITIALIZER, TENSOR_RAW_DATA])
  }

  /** Where bytes begin in the file that were left out; null for others. */
  offsetOf(part: Uint8Array): number | null {
    const offset = part.byteOffset - this.bytes.byteOffset
    return part.buffer === this.bytes.buffer && this.leftOut.get(offset) === part.length ? offset : null
  }

  /**
   * Reads a range but for what `path` leads to: a field of this message, then one of that, and so on. What is no
   * protocol buffer is read to its end, for the parser to refuse.
   */
  private walk(start: number, end: number, [wanted, ...path]: readonly number[]): void {
    let position = start
    while (position < end) {
      const tag = this.varint(position, end)
      if (!tag) return this.load(position, end)
      const [field, wireType] = [Math.floor(tag.value / 8), tag.value % 8]
      if (wireType !== LENGTH_DELIMITED) {
        const behind = wireType === 0 ? this.varint(tag.end, end)?.end : wireType === 1 ? tag.end + 8 : tag.end + 4
        if (behind === undefined || ![0, 1, 5].includes(wireType)) return this.load(position, end)
        this.load(position, Math.min(behind, end))
        position = behind
        continue
      }
      const length = this.varint(tag.end, end)
      if (!length || length.value > end - length.end) return this.load(position, end)
      const behind = length.end + length.value
      if (field !== wanted || length.value < LEAST_LEFT_OUT) this.load(length.end, behind)
      else if (path.length > 0) this.walk(length.end, behind, path)
      else this.leftOut.set(length.end, length.value)
      position = behind
    }
  }

  /** A number of up to 32 bits, and the position behind it. */
  private varint(start: number, end: number): { readonly value: number; readonly end: number } | null {
    let value = 0
    for (let digit = 0; digit < 5 && start + digit < end; digit++) {
      this.load(start + digit, start + digit + 1)
      const byte = this.bytes[start + digit]
      value += (byte & 0x7f) * 2 ** (7 * digit)
      if (byte < 0x80) return { value, end: start + digit + 1 }
    }
    return null
  }

  private load(start: number, end: number): void {
    const last = Math.floor((end - 1) / BLOCK_BYTES)
    for (let block = Math.floor(start / BLOCK_BYTES); block <= last; block++) {
      if (this.loaded[block]) continue
      this.loaded[block] = 1
      const from = block * BLOCK_BYTES
      const length = Math.min(BLOCK_BYTES, this.bytes.length - from)
      for (let done = 0; done < length;) {
        const read = readSync(this.descriptor, this.bytes, from + done, length - done, from + done)
        if (read === 0) throw new Error('it changed while it was read')
        done += read
      }
    }
  }
}
