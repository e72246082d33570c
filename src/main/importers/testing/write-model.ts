import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

export interface StoredWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number }
  readonly bytes: Uint8Array
}

export interface Layout {
  /** Weights in each group of the manifest; all in one group by default. */
  readonly weightsPerGroup?: number
  /** Tensors span shards when this is smaller than they are. */
  readonly shardBytes?: number
  /** Fields of model.json beside modelTopology and weightsManifest. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** A new folder `model` alone in a temporary folder, which goes when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'vebi-importer-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = path.join(parent, 'model')
  await mkdir(folder)
  return folder
}

/** Writes a TF.js LayersModel to a temporary folder and returns the folder. */
export async function writeModel(
  topology: unknown,
  weights: readonly StoredWeight[],
  layout: Layout = {},
): Promise<string> {
  const folder = await temporaryFolder()
  const perGroup = layout.weightsPerGroup ?? Math.max(weights.length, 1)
  const manifest = []
  for (let start = 0, group = 1; start < weights.length; start += perGroup, group++) {
    const members = weights.slice(start, start + perGroup)
    const bytes = Buffer.concat(members.map((weight) => weight.bytes))
    const shardBytes = layout.shardBytes ?? Math.max(bytes.length, 1)
    const paths: string[] = []
    await mkdir(path.join(folder, 'shards'), { recursive: true })
    for (let offset = 0; offset < bytes.length; offset += shardBytes) {
      const name = `shards/group${group}-${paths.length + 1}.bin`
      await writeFile(path.join(folder, name), bytes.subarray(offset, offset + shardBytes))
      paths.push(name)
    }
    manifest.push({ paths, weights: members.map(({ bytes: _, ...entry }) => entry) })
  }
  const description = { ...layout.fields, modelTopology: topology, weightsManifest: manifest }
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(description))
  return folder
}

export function floatWeight(
  name: string,
  shape: readonly number[],
  values: readonly number[] | Float32Array,
): StoredWeight {
  return { name, shape, dtype: 'float32', bytes: new Uint8Array(Float32Array.from(values).buffer) }
}
