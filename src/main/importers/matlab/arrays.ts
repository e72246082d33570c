import type { Shape } from '../../../shared/graph.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { MATRIX, type ElementReader } from './elements.ts'
import type { MatlabValue, NumericArray, StructElement } from './values.ts'

/** Array classes (MAT-File Format, MathWorks, table 1-3). */
const CELL = 1
const STRUCT = 2
const OBJECT = 3
const CHAR = 4
const SPARSE = 5
const DOUBLE = 6
const SINGLE = 7
const UINT64 = 15
const FUNCTION_HANDLE = 16
const OPAQUE = 17
const COMPLEX_FLAG = 0x800

/** Networks nest five deep; deeper than this only files do that want to exhaust the stack. */
const DEEPEST = 32

export interface ArrayHeader {
  readonly arrayClass: number
  readonly isComplex: boolean
  readonly shape: Shape
  readonly name: string
}

/** The part of an array before its contents, of the data of an element miMATRIX. Throws Error with a reason. */
export function readHeader(reader: ElementReader): ArrayHeader {
  const [flags] = reader.counts('the flags of an array')
  if (flags === undefined) throw new Error('the flags of an array are empty')
  const arrayClass = flags & 0xff
  // An object of MATLAB's newer kind has no dimensions of its own.
  const shape = arrayClass === OPAQUE ? [1, 1] : reader.counts('the dimensions of an array')
  if (shape.length < 2) throw new Error(`an array has ${shape.length} dimensions`)
  return { arrayClass, isComplex: (flags & COMPLEX_FLAG) !== 0, shape, name: reader.name('the name of an array') }
}

/** The array in the data of an element miMATRIX. Throws Error with a reason where the bytes do not fit. */
export function readArray(reader: ElementReader, depth = 0): MatlabValue {
  if (depth > DEEPEST) throw new Error(`its arrays are nested more than ${DEEPEST} deep`)
  if (reader.remaining === 0) return { kind: 'numeric', shape: [0, 0], data: new Float64Array() }
  const header = readHeader(reader)
  const { arrayClass, shape } = header
  switch (arrayClass) {
    case CELL:
      return { kind: 'cell', shape, cells: readMembers(reader, sizeOf(shape), depth) }
    case STRUCT:
      return { kind: 'struct', shape, elements: readStruct(reader, sizeOf(shape), depth) }
    case CHAR:
      return { kind: 'text', rows: readText(reader, shape) }
    case OBJECT:
      return { kind: 'foreign', what: `an object of the class "${reader.name('the class of an object')}"` }
    case OPAQUE:
      reader.name('the kind of an object')
      return { kind: 'foreign', what: `an object of the class "${reader.name('the class of an object')}"` }
    case FUNCTION_HANDLE:
      return { kind: 'foreign', what: 'a function handle' }
    case SPARSE:
      return { kind: 'foreign', what: 'a sparse matrix' }
  }
  if (arrayClass < DOUBLE || arrayClass > UINT64) throw new Error(`an array has the unknown class ${arrayClass}`)
  if (header.isComplex) return { kind: 'foreign', what: 'an array of complex numbers' }
  return readNumbers(reader, header)
}

function readNumbers(reader: ElementReader, { arrayClass, shape }: ArrayHeader): NumericArray {
  const stored = reader.numbers('the numbers of an array')
  const count = sizeOf(shape)
  if (stored.length !== count) {
    throw new Error(`an array [${shape.join(', ')}] has ${stored.length} numbers, where ${count} are needed`)
  }
  // MATLAB stores numbers in the smallest type that holds them.
  const data = arrayClass === SINGLE && stored instanceof Float64Array ? Float32Array.from(stored) : stored
  return { kind: 'numeric', shape, data }
}

function readMembers(reader: ElementReader, count: number, depth: number): MatlabValue[] {
  // Each takes a tag at least, so that the count is bounded before anything is made for it.
  if (count * 8 > reader.remaining) throw new Error(`a list claims ${count} members in ${reader.remaining} bytes`)
  const members: MatlabValue[] = []
  for (let index = 0; index < count; index++) {
    const element = reader.next('an array')
    if (element.type !== MATRIX) throw new Error(`an element of the type ${element.type} is where an array should be`)
    members.push(readArray(reader.within(element), depth + 1))
  }
  return members
}

function readStruct(reader: ElementReader, count: number, depth: number): StructElement[] {
  const [length = 0] = reader.counts('the length of field names')
  const names = reader.next('the field names').bytes
  const fields = length === 0 ? 0 : names.length / length
  if (!Number.isInteger(fields) || (length === 0 && names.length > 0)) {
    throw new Error(`${names.length} bytes of field names are no multiple of ${length}`)
  }
  if (fields === 0) return count === 1 ? [new Map()] : []
  const keys = Array.from({ length: fields }, (_, index) => {
    const bytes = names.subarray(index * length, (index + 1) * length)
    return new TextDecoder('latin1').decode(bytes).replace(/\0.*$/s, '')
  })
  const members = readMembers(reader, count * fields, depth)
  return Array.from({ length: count }, (_, element) => {
    return new Map(keys.map((key, index) => [key, members[element * fields + index]]))
  })
}

/** `[rows, columns]`, column by column. */
function readText(reader: ElementReader, shape: Shape): string[] {
  const text = reader.characters('a text')
  const [height] = shape
  if (height === 1 || text.length !== sizeOf(shape)) return [text]
  if (text.length === 0) return ['']
  return Array.from({ length: height }, (_, row) => {
    let line = ''
    for (let index = row; index < text.length; index += height) line += text[index]
    return line
  })
}
