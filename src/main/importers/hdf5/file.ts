import h5wasm from 'h5wasm'
import type { Metadata } from 'h5wasm'
import { sizeOf } from '../../../shared/matrix.ts'
import { VebiError } from '../../../shared/errors.ts'
import { Hdf5Dataset } from './dataset.ts'
import { mostUnpackedBytes } from '../unpacking.ts'
import { translated } from './errors.ts'
import { readTexts } from './attribute.ts'
import { checkGlobalHeaps, checkTextTypes } from './heaps.ts'
import { withFile, type Library } from './library.ts'

/** Class of HDF5 types for text. */
const STRING = 3

/**
 * Opens the HDF5 file in `bytes`, which are taken over, and hands it to `use`; afterwards nothing of it can be read.
 * `label` names the file in messages. Throws VebiError for what is no HDF5 file.
 */
export async function withHdf5File<Result>(
  bytes: Uint8Array,
  label: string,
  use: (file: Hdf5File) => Result,
): Promise<Result> {
  checkGlobalHeaps(bytes, label)
  checkTextTypes(bytes, label)
  return withFile(bytes, (library, name) => {
    const file = translated(label, () => new h5wasm.File(name, 'r'))
    if (file.file_id < 0n) throw new VebiError('bad-file', `${label} is no HDF5 file, or one that is cut off or damaged.`)
    try {
      return use(new Hdf5File(library, file.file_id, label, bytes.length))
    } finally {
      closeQuietly(file)
    }
  })
}

/**
 * What a model may hold of HDF5: groups, attributes of text, data sets of numbers. Links, and data sets whose values
 * lie in other files, are refused when they are met.
 */
export class Hdf5File {
  readonly label: string
  private readonly library: Library
  private readonly id: bigint
  private readonly fileBytes: number
  /** Bytes that data sets may still claim, over all of them; there cannot be more than the file holds. */
  private readonly budget: { stored: number; unpacked: number }
  private readonly walked = new Set<string>([''])
  private readonly names = new Map<string, ReadonlySet<string>>()
  private readonly datasets = new Map<string, Hdf5Dataset>()

  constructor(library: Library, id: bigint, label: string, fileBytes: number) {
    this.library = library
    this.id = id
    this.label = label
    this.fileBytes = fileBytes
    this.budget = { stored: fileBytes, unpacked: mostUnpackedBytes(fileBytes) }
  }

  /** What stands at a path such as `layers/conv2d/vars`; the root is the empty path. */
  kind(path: string): 'group' | 'dataset' | 'other' | 'none' {
    return this.read(path, () => {
      if (!this.exists(path)) return 'none'
      const type = this.library.get_type(this.id, absolute(path))
      if (type === this.library.H5G_GROUP) return 'group'
      return type === this.library.H5G_DATASET ? 'dataset' : 'other'
    })
  }

  /** Names of the members of a group, in alphabetical order; none where there is no such group. */
  members(path: string): string[] {
    if (this.kind(path) !== 'group') return []
    return [...this.read(path, () => this.namesIn(absolute(path)))].sort()
  }

  /** A single text; undefined where there is no such attribute. */
  text(path: string, attribute: string): string | undefined {
    const texts = this.texts(path, attribute)
    if (texts === undefined || texts.length === 1) return texts?.[0]
    throw this.bad(`${place(path)} has an attribute "${attribute}" of ${texts.length} texts instead of one`)
  }

  /** A list of texts; undefined where there is no such attribute. */
  texts(path: string, attribute: string): string[] | undefined {
    if (this.kind(path) === 'none') return undefined
    return this.read(path, () => {
      const where = absolute(path)
      if (!this.library.get_attribute_names(this.id, where).includes(attribute)) return undefined
      const metadata = this.library.get_attribute_metadata(this.id, where, attribute)
      const count = sizeOf((metadata.shape ?? []).map(Number))
      // An empty list has no type of its own: h5py writes it as one of numbers.
      if (metadata.shape === null || count === 0) return []
      if (metadata.type !== STRING || metadata.shape.length > 1) {
        throw this.bad(`${place(path)} has an attribute "${attribute}" that is no list of texts`)
      }
      // Attributes are never packed.
      if (count * metadata.size > this.fileBytes) {
        throw this.bad(`${place(path)} has an attribute "${attribute}" of more bytes than the file can hold`)
      }
      const texts = readTexts(this.library, { id: this.id, path: where, attribute }, metadata, count)
      if (!texts) throw this.bad(`${place(path)} has an attribute "${attribute}" that is damaged`)
      return texts
    })
  }

  /** The data set at a path; the same object for the same path. Throws `bad-model` where there is none. */
  dataset(path: string): Hdf5Dataset {
    const known = this.datasets.get(path)
    if (known) return known
    if (this.kind(path) !== 'dataset') throw this.bad(`${place(path)} is not a data set`)
    const metadata = this.read(path, (): Metadata => this.library.get_dataset_metadata(this.id, absolute(path)))
    const filters = this.read(path, () => this.library.get_dataset_filters(this.id, absolute(path)))
    const subject = `${this.label}: ${place(path)}`
    const origin = { library: this.library, id: this.id, path: absolute(path), subject }
    const dataset = new Hdf5Dataset(origin, metadata, filters)
    const claim = dataset.compressed ? 'unpacked' : 'stored'
    this.budget[claim] -= dataset.claimedBytes
    if (this.budget[claim] < 0) {
      throw this.bad(`${place(path)} claims more values than the file can hold`)
    }
    this.datasets.set(path, dataset)
    return dataset
  }

  /** Whether a path leads to something, step by step, so that a link is refused before it is followed. */
  private exists(path: string): boolean {
    const steps = path.split('/').filter((step) => step !== '')
    for (let length = 1; length <= steps.length; length++) {
      const prefix = steps.slice(0, length).join('/')
      if (this.walked.has(prefix)) continue
      if (!this.namesIn(absolute(steps.slice(0, length - 1).join('/'))).has(steps[length - 1])) return false
      const { filename } = this.library.get_external_link(this.id, absolute(prefix))
      if (filename !== undefined) throw this.refused(`${place(prefix)} is a link to the file "${filename}"`)
      // Null for what is no soft link, which the library's types leave out.
      const target = this.library.get_symbolic_link(this.id, absolute(prefix)) as string | null
      if (target !== null) throw this.refused(`${place(prefix)} is a link to "${target}"`)
      this.walked.add(prefix)
    }
    return true
  }

  private namesIn(path: string): ReadonlySet<string> {
    const known = this.names.get(path)
    if (known) return known
    const isGroup = this.library.get_type(this.id, path) === this.library.H5G_GROUP
    const names = new Set(isGroup ? this.library.get_names(this.id, path, false) : [])
    this.names.set(path, names)
    return names
  }

  private read<Result>(path: string, action: () => Result): Result {
    return translated(`${this.label}: ${place(path)}`, action)
  }

  private bad(reason: string): VebiError {
    return new VebiError('bad-model', `${this.label}: ${reason}.`)
  }

  private refused(reason: string): VebiError {
    return new VebiError('unsupported', `${this.label}: ${reason}; links in HDF5 files are not followed.`)
  }
}

/** What was read is read, or its fault is on its way: that a damaged file cannot be closed tells nothing more. */
function closeQuietly(file: { close(): unknown }): void {
  try {
    file.close()
  } catch {
    // The library's memory is damaged; whoever reads files of others does not use its process again.
  }
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

function place(path: string): string {
  return path === '' ? 'its root' : `"${path}"`
}
