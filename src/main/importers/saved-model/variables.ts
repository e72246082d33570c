import { readFile, stat } from 'node:fs/promises'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { Tensor } from '../dataflow/tensor.ts'
import { realPathInside } from '../inside-folder.ts'
import { TENSORFLOW_TYPES } from '../tensorflow-graph/tensor.ts'
import { readBundleEntry, readBundleHeader, type BundleEntry } from './messages.ts'
import { readSortedTable, TableFault } from './sorted-table.ts'

const INDEX = 'variables/variables.index'
/** Names and places of a hundred thousand variables; the values lie in other files. */
const LARGEST_INDEX = 64 * 1024 * 1024

/** The values of the variables beside a SavedModel. */
export class Variables {
  private readonly file: string
  private readonly entries: ReadonlyMap<string, Uint8Array>
  private readonly shards: readonly { readonly path: string; readonly size: number }[]
  /** Bytes of each shard that may still be read, so that overlapping variables cannot multiply. */
  private readonly budget: number[]

  private constructor(file: string, entries: Variables['entries'], shards: Variables['shards']) {
    this.file = file
    this.entries = entries
    this.shards = shards
    this.budget = shards.map(({ size }) => size)
  }

  /** Undefined where there are none. Throws VebiError where they are damaged. `file` names the model in messages. */
  static async open(folder: string, file: string): Promise<Variables | undefined> {
    const index = await located(folder, INDEX, file)
    if (!index) return undefined
    let entries: ReadonlyMap<string, Uint8Array>
    let count: number
    try {
      if ((await stat(index)).size > LARGEST_INDEX) throw new TableFault('is too large')
      entries = readSortedTable(await readFile(index))
      const header = readBundleHeader(entries.get('') ?? new Uint8Array())
      if (header.bigEndian) throw new TableFault('is written for another kind of processor (big-endian)')
      count = header.shards
      if (!(count >= 1 && count <= 99_999)) throw new TableFault('does not say how many files it belongs to')
    } catch (error) {
      const reason = error instanceof TableFault ? error.message : `cannot be read: ${reasonOf(error)}`
      throw new VebiError('bad-file', `${file}: ${INDEX} ${reason}.`, { cause: error })
    }
    const shards = []
    for (let shard = 0; shard < count; shard++) {
      const name = `variables/variables.data-${fiveDigits(shard)}-of-${fiveDigits(count)}`
      const place = await located(folder, name, file)
      if (!place) throw new VebiError('missing-file', `${file}: ${name} is missing.`)
      shards.push({ path: place, size: (await stat(place)).size })
    }
    return new Variables(file, entries, shards)
  }

  /** @param node name of the variable's node, for messages. */
  read(node: string, key: string): Tensor {
    const subject = `${this.file}: the variable "${node}"`
    const stored = this.entries.get(key)
    if (!stored) throw new VebiError('bad-model', `${subject} is not listed in ${INDEX} (as "${key}").`)
    const { dataType, dimensions, shard, offset, size, slices } = this.entry(subject, stored)
    if (slices > 0) throw new VebiError('unsupported', `${subject} is stored in several parts, which is not read.`)
    const place = this.shards[shard]
    if (!place || !(offset >= 0 && size >= 0) || offset + size > place.size) {
      const bytes = place ? `which has ${place.size} bytes` : 'which is not there'
      throw new VebiError('bad-model', `${subject} reaches to byte ${offset + size} of its file, ${bytes}.`)
    }
    this.budget[shard] -= size
    if (this.budget[shard] < 0) throw new VebiError('bad-model', `${subject} shares bytes with other variables.`)
    return TENSORFLOW_TYPES.tensorAt(dataType, dimensions, { file: place.path, offset, length: size })
  }

  private entry(subject: string, stored: Uint8Array): BundleEntry {
    try {
      return readBundleEntry(stored)
    } catch (error) {
      throw new VebiError('bad-file', `${subject} is listed in ${INDEX} in a way that cannot be read.`, { cause: error })
    }
  }
}

/** The real path of a file beside the model; undefined where it is missing. */
async function located(folder: string, name: string, file: string): Promise<string | undefined> {
  let real: string | null
  try {
    real = await realPathInside(folder, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new VebiError('bad-file', `${file}: ${name} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  if (real === null) throw new VebiError('bad-model', `${file}: ${name} lies outside the model's folder.`)
  if ((await stat(real)).isFile()) return real
  throw new VebiError('bad-file', `${file}: ${name} is not a file.`)
}

function fiveDigits(number: number): string {
  return String(number).padStart(5, '0')
}
