import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { sizeOf } from '../../../shared/matrix.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { NamedWeight } from '../keras/weights.ts'
import { decodeWeight, storedBytes } from './dequantize.ts'

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().nonnegative()),
        dtype: z.string(),
        quantization: z
          .object({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() })
          .optional(),
      }),
    ),
  }),
)

type Group = z.infer<typeof manifestSchema>[number]

export interface ManifestWeights {
  readonly weights: readonly NamedWeight[]
  readonly warnings: readonly string[]
}

/**
 * Reads the weights that a `weightsManifest` lists. Each group's shards form one run of bytes in which its tensors lie
 * back to back. `file` names model.json in messages; shards must lie inside `folder`.
 */
export async function readManifestWeights(manifest: unknown, folder: string, file: string): Promise<ManifestWeights> {
  const parsed = manifestSchema.safeParse(manifest)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new VebiError(
      'bad-model',
      `${file}: the weightsManifest is malformed at ${issue.path.join('.') || 'its top'}: ${issue.message}.`,
    )
  }
  const weights: NamedWeight[] = []
  const warnings: string[] = []
  for (const group of parsed.data) {
    const reader = await ShardReader.open(group.paths, folder, file)
    const wanted = group.weights.reduce((sum, weight) => sum + bytesOf(weight, file), 0)
    if (reader.size > wanted) {
      warnings.push(
        `${group.paths.join(', ')} holds ${reader.size - wanted} bytes more than its weights take; they were ignored.`,
      )
    }
    for (const weight of group.weights) {
      const bytes = await reader.read(bytesOf(weight, file), weight.name)
      if (weight.dtype !== 'float32')
        warnings.push(`The weight "${weight.name}" of type ${weight.dtype} was converted to float32.`)
      const data = decodeWeight(bytes, weight.dtype, weight.quantization)
      weights.push({ name: weight.name, shape: weight.shape, values: () => data })
    }
  }
  const quantised = new Set(
    parsed.data.flatMap((group) => group.weights).flatMap(({ quantization }) => quantization?.dtype ?? []),
  )
  if (quantised.size > 0)
    warnings.push(`The weights were stored quantised (${[...quantised].join(', ')}), so they are rounded.`)
  return { weights, warnings }
}

function bytesOf(weight: Group['weights'][number], file: string): number {
  const subject = `${file}: the weight "${weight.name}"`
  return sizeOf(weight.shape) * storedBytes(weight.dtype, weight.quantization, subject)
}

/** Reads shards one after another, so that no more than one is in memory beside the weights. */
class ShardReader {
  readonly size: number
  private readonly shards: readonly { readonly name: string; readonly location: string; readonly size: number }[]
  private readonly file: string
  private next = 0
  private shard: Uint8Array = new Uint8Array()
  private position = 0
  private consumed = 0

  private constructor(shards: ShardReader['shards'], file: string) {
    this.shards = shards
    this.file = file
    this.size = shards.reduce((sum, { size }) => sum + size, 0)
  }

  static async open(paths: readonly string[], folder: string, file: string): Promise<ShardReader> {
    const shards = []
    for (const name of paths) {
      const location = await shardLocation(name, folder, file)
      shards.push({ name, location, size: (await stat(location)).size })
    }
    return new ShardReader(shards, file)
  }

  async read(length: number, weight: string): Promise<Uint8Array<ArrayBuffer>> {
    if (length > this.size - this.consumed) {
      const names = this.shards.map(({ name }) => name).join(', ') || 'the empty list of shards'
      throw new VebiError(
        'bad-model',
        `${this.file}: ${names} ends before the weight "${weight}": ${this.size} bytes, ${this.consumed + length} needed.`,
      )
    }
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      while (this.position === this.shard.length) await this.load()
      const part = this.shard.subarray(this.position, this.position + length - filled)
      bytes.set(part, filled)
      filled += part.length
      this.position += part.length
    }
    this.consumed += length
    return bytes
  }

  private async load(): Promise<void> {
    const { location, name, size } = this.shards[this.next]
    this.next += 1
    this.shard = await readFile(location)
    this.position = 0
    if (this.shard.length !== size) throw new VebiError('bad-model', `${this.file}: ${name} changed while it was read.`)
  }
}

/** Refuses whatever leads out of the model's folder: a model is a download, and must not read other files. */
async function shardLocation(name: string, folder: string, file: string): Promise<string> {
  const outside = () =>
    new VebiError('bad-model', `${file}: the weight file "${name}" lies outside the model's folder.`)
  const parts = name.split(/[\\/]/)
  if (
    name === '' ||
    path.isAbsolute(name) ||
    path.win32.isAbsolute(name) ||
    /^[a-z]+:/i.test(name) ||
    parts.includes('..')
  ) {
    throw outside()
  }
  const location = path.join(folder, name)
  let real: string
  try {
    real = await realpath(location)
    if (!(await stat(real)).isFile()) throw new Error('it is not a file')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing ? 'is missing' : `cannot be read: ${reasonOf(error)}`
    throw new VebiError(missing ? 'missing-file' : 'bad-file', `${file}: the weight file "${name}" ${reason}.`, {
      cause: error,
    })
  }
  if (!real.startsWith((await realpath(folder)) + path.sep)) throw outside()
  return real
}
