import { TextDecoder } from 'node:util'
import type { Metadata } from 'h5wasm'
import type { Library } from './library.ts'

const UTF8 = 1
/** Of the library's memory. */
const POINTER_BYTES = 4

export interface AttributePlace {
  readonly id: bigint
  readonly path: string
  readonly attribute: string
}

/**
 * `count` texts of an attribute whose values are texts, of any length or each up to its first zero; undefined where the
 * library cannot read them. Its own reader does not ask whether it could.
 */
export function readTexts(
  library: Library,
  { id, path, attribute }: AttributePlace,
  { vlen, size, cset }: Metadata,
  count: number,
): string[] | undefined {
  const byteLength = count * (vlen ? POINTER_BYTES : size)
  const start = library._malloc(byteLength)
  if (start === 0) return undefined
  library.HEAPU8.fill(0, start, start + byteLength)
  try {
    if (library.get_attribute_data(id, path, attribute, BigInt(start)) < 0) return undefined
    const bytes = library.HEAPU8.slice(start, start + byteLength)
    const decoder = new TextDecoder(cset === UTF8 ? 'utf-8' : 'latin1')
    if (!vlen) return Array.from({ length: count }, (_, i) => textAt(bytes, i * size, (i + 1) * size, decoder))
    const texts = Array.from(new Uint32Array(bytes.buffer), (pointer) => {
      // An empty text needs none.
      return pointer === 0 ? '' : textAt(library.HEAPU8, pointer, library.HEAPU8.length, decoder)
    })
    library.reclaim_vlen_memory(id, path, attribute, BigInt(start))
    return texts
  } finally {
    library._free(start)
  }
}

function textAt(bytes: Uint8Array, start: number, end: number, decoder: TextDecoder): string {
  const zero = bytes.indexOf(0, start)
  return decoder.decode(bytes.subarray(start, zero < 0 ? end : Math.min(zero, end)))
}
