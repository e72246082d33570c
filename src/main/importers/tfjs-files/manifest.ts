import { stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { sizeOf } from '../../../shared/matrix.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { realPathInside } from '../inside-folder.ts'
import type { NamedWeight } from '../keras/weights.ts'
import { LEAST_STORED_BYTES, readPieces, rowMajorValues, type FilePiece } from '../weight-in-file.ts'
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

export interface ManifestWeight extends NamedWeight {
  /** float32, int32 or bool. */
  readonly dtype: string
}

export interface ManifestWeights {
  readonly weights: readonly ManifestWeight[]
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
  const weights: ManifestWeight[] = []
  const warnings: string[] = []
  const listed = new Set<string>()
  for (const group of parsed.data) {
    const reader = await Shards.open(group.paths, folder, file)
    // Weights can then take no more bytes than there are.
    for (const { file: shard } of reader.shards) {
      if (listed.has(shard)) throw new VebiError('bad-model', `${file}: the weight file "${path.basename(shard)}" is listed twice.`)
      listed.add(shard)
    }
    const wanted = group.weights.reduce((sum, weight) => sum + bytesOf(weight, file), 0)
    if (reader.size > wanted) {
      warnings.push(
        `${group.paths.join(', ')} holds ${reader.size - wanted} bytes more than its weights take; they were ignored.`,
      )
    }
    for (const weight of group.weights) {
      const pieces = reader.take(bytesOf(weight, file), weight.name)
      weights.push(namedWeight(weight, pieces))
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

function namedWeight(weight: Group['weights'][number], pieces: readonly FilePiece[]): ManifestWeight {
  const { name, shape, dtype, quantization } = weight
  const values = () => decodeWeight(readPieces(pieces), dtype, quantization)
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
  const isPlain = dtype === 'float32' && !quantization
  if (!isPlain || bytes < LEAST_STORED_BYTES) return { name, shape, dtype, values }
  return { name, shape, dtype, values, stored: rowMajorValues(pieces, shape) }
}

/** The shards of a group, out of which its weights are taken one after another. */
class Shards {
  readonly size: number
  readonly shards: readonly FilePiece[]
  private readonly names: readonly string[]
  private readonly file: string
  private consumed = 0

  private constructor(shards: readonly FilePiece[], names: readonly string[], file: string) {
    this.shards = shards
    this.names = names
    this.file = file
    this.size = shards.reduce((sum, { length }) => sum + length, 0)
  }

  static async open(paths: readonly string[], folder: string, file: string): Promise<Shards> {
    const shards: FilePiece[] = []
    for (const name of paths) {
      const location = await shardLocation(name, folder, file)
      shards.push({ file: location, offset: 0, length: (await stat(location)).size })
    }
    return new Shards(shards, paths, file)
  }

  /** Where the next `length` bytes lie; allocates nothing. */
  take(length: number, weight: string): FilePiece[] {
    const start = this.consumed
    const end = start + length
    if (end > this.size) {
      const names = this.names.join(', ') || 'the empty list of shards'
      throw new VebiError(
        'bad-model',
        `${this.file}: ${names} ends before the weight "${weight}": ${this.size} bytes, ${end} needed.`,
      )
    }
    this.consumed = end
    const pieces: FilePiece[] = []
    let shardStart = 0
    for (const shard of this.shards) {
      const from = Math.max(start, shardStart)
      const to = Math.min(end, shardStart + shard.length)
      if (from < to) pieces.push({ file: shard.file, offset: from - shardStart, length: to - from })
      shardStart += shard.length
    }
    return pieces
  }
}

/** Refuses whatever leads out of the model's folder: a model is a download, and must not read other files. */
async function shardLocation(name: string, folder: string, file: string): Promise<string> {
  const outside = () =>
    new VebiError('bad-model', `${file}: the weight file "${name}" lies outside the model's folder.`)
  if (/^[a-z]+:/i.test(name)) throw outside()
  let real: string | null
  try {
    real = await realPathInside(folder, name)
    if (real !== null && !(await stat(real)).isFile()) throw new Error('it is not a file')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing ? 'is missing' : `cannot be read: ${reasonOf(error)}`
    throw new VebiError(missing ? 'missing-file' : 'bad-file', `${file}: the weight file "${name}" ${reason}.`, {
      cause: error,
    })
  }
  if (real === null) throw outside()
  return real
}
