import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import {
  CANDIDATE_PARTS,
  FLOWER_SPLITS,
  FLOWER_VARIANTS,
  flowerClasses,
  type FlowerSplit,
  type FlowerVariant,
} from '../../core/an8flower/classes.ts'
import {
  FLOWER_GENERATOR_VERSION,
  FLOWER_SIZE,
  flowerSpec,
  type FlowerSpec,
  renderFlower,
} from '../../core/an8flower/flower.ts'
import { CLASS_PIGMENTS, fromHsv, NEUTRAL_PIGMENTS, type Pigment } from '../../core/an8flower/palette.ts'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { JobContext } from './runner.ts'

export interface GenerateRequest {
  readonly variant: FlowerVariant
  /** Whole number >= 0. */
  readonly seed: number
  /** Training images per class, at least 1; validation has a quarter and test half of it, rounded up. */
  readonly count: number
  /** Folder to write; created where it is missing. */
  readonly out: string
}

export interface GenerateResult {
  readonly classes: number
  readonly written: number
  /** Images that an earlier run of the same request had left. */
  readonly kept: number
}

const DESCRIPTION = 'dataset.json'
const GENERATOR = 'vebi an8flower'

/** Images encoded at a time; enough to overlap rendering with writing. */
const CONCURRENCY = 4

/** Images per class in each split. */
export function splitCounts(count: number): Record<FlowerSplit, number> {
  return { train: count, validation: Math.ceil(count / 4), test: Math.ceil(count / 2) }
}

/**
 * Writes an8Flower as `OUT/<split>/<class>/<name>.png`, with masks (0 or 255) under `OUT/masks/` by the
 * same relative path and `OUT/dataset.json`. A folder that an earlier run of the same request began is
 * completed; any other folder that is not empty is refused. Throws VebiError.
 */
export async function generateAn8Flower(request: GenerateRequest, context: JobContext): Promise<GenerateResult> {
  checkRequest(request)
  throwIfCancelled(context.signal)
  const { out, variant, seed } = request
  const counts = splitCounts(request.count)
  const classes = flowerClasses(variant)
  await prepareFolder(request)

  const total = classes.length * FLOWER_SPLITS.reduce((sum, split) => sum + counts[split], 0)
  let written = 0
  let kept = 0
  const report = (): void => context.report({ phase: 'generate', done: written + kept, total, unit: 'images' })
  report()
  // One list for all workers, so that each image is taken once; a worker that fails closes it for the others.
  const specs = listSpecs(request)
  const work = async (): Promise<void> => {
    for (const { split, label, index } of specs) {
      throwIfCancelled(context.signal)
      const spec = flowerSpec(variant, seed, split, label, index)
      if (await isComplete(out, spec)) kept++
      else {
        await writeFlower(out, spec)
        written++
      }
      report()
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw explain(failure.reason, out)
  await writeDescription(request, true)
  return { classes: classes.length, written, kept }
}

function checkRequest({ variant, seed, count, out }: GenerateRequest): void {
  if (!FLOWER_VARIANTS.includes(variant)) {
    const variants = FLOWER_VARIANTS.join(', ')
    throw new VebiError('bad-argument', `Unknown an8Flower variant "${variant}": choose one of ${variants}.`)
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new VebiError('bad-argument', `The seed must be a whole number of at least 0, not ${seed}.`)
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new VebiError('bad-argument', `The count of images must be a whole number of at least 1, not ${count}.`)
  }
  if (out === '') throw new VebiError('bad-argument', 'The folder to write an8Flower to has no name.')
}

interface ImageKey {
  readonly split: FlowerSplit
  readonly label: number
  readonly index: number
}

function* listSpecs({ variant, count }: GenerateRequest): Generator<ImageKey> {
  const counts = splitCounts(count)
  for (const split of FLOWER_SPLITS) {
    for (const { label } of flowerClasses(variant)) {
      for (let index = 0; index < counts[split]; index++) yield { split, label, index }
    }
  }
}

function describe({ variant, seed, count }: GenerateRequest): Record<string, unknown> {
  return {
    generator: GENERATOR,
    version: FLOWER_GENERATOR_VERSION,
    variant,
    seed,
    size: FLOWER_SIZE,
    imagesPerClass: splitCounts(count),
    classes: flowerClasses(variant).map(({ name, pigment, part }) => ({ name, colour: pigment.name, part })),
    candidateParts: CANDIDATE_PARTS[variant],
    palette: { class: CLASS_PIGMENTS.map(hexOf), neutral: NEUTRAL_PIGMENTS.map(hexOf) },
    mask: '255 where most of the samples of a pixel see the part that gives the class, else 0',
  }
}

function hexOf(pigment: Pigment): { name: string; hex: string } {
  const colour = fromHsv(pigment.hue, pigment.saturation, pigment.value)
  const digits = colour.map((value) => Math.round(value * 255).toString(16).padStart(2, '0'))
  return { name: pigment.name, hex: `#${digits.join('')}` }
}

async function prepareFolder(request: GenerateRequest): Promise<void> {
  const { out } = request
  try {
    await mkdir(out, { recursive: true })
    const entries = await readdir(out)
    if (entries.every((entry) => entry === `${DESCRIPTION}.partial`)) {
      await writeDescription(request, false)
      return
    }
    if (!entries.includes(DESCRIPTION)) {
      throw new VebiError('bad-argument', `The folder ${out} is not empty and no earlier run made it: choose another.`)
    }
    const earlier = await readDescription(join(out, DESCRIPTION))
    if (JSON.stringify({ ...earlier, complete: undefined }) !== JSON.stringify(describe(request))) {
      throw new VebiError('bad-argument', `The folder ${out} holds a data set with other settings: choose another.`)
    }
  } catch (error) {
    throw explain(error, out)
  }
}

async function readDescription(path: string): Promise<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new VebiError('bad-file', `The file ${path} is not a description of a data set; choose another folder.`)
}

function writeDescription(request: GenerateRequest, complete: boolean): Promise<void> {
  const text = `${JSON.stringify({ ...describe(request), complete }, null, 2)}\n`
  return writeWhole(join(request.out, DESCRIPTION), text).catch((error: unknown) => {
    throw explain(error, request.out)
  })
}

function pathsOf(out: string, spec: FlowerSpec): { image: string; mask: string } {
  const relative = join(spec.split, spec.class.name, `${spec.name}.png`)
  return { image: join(out, relative), mask: join(out, 'masks', relative) }
}

async function isComplete(out: string, spec: FlowerSpec): Promise<boolean> {
  const { image, mask } = pathsOf(out, spec)
  return (await isFile(image)) && (await isFile(mask))
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

async function writeFlower(out: string, spec: FlowerSpec): Promise<void> {
  const { image, mask } = renderFlower(spec)
  const paths = pathsOf(out, spec)
  const encode = (samples: Uint8Array, channels: 1 | 3): Promise<Buffer> =>
    sharp(samples, { raw: { width: FLOWER_SIZE, height: FLOWER_SIZE, channels } })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .png({ compressionLevel: 3 })
      .toBuffer()
  const [imageFile, maskFile] = await Promise.all([encode(image, 3), encode(mask.map((value) => value * 255), 1)])
  await writeWhole(paths.mask, maskFile)
  await writeWhole(paths.image, imageFile)
}

/** Through a second name, so that an interrupted run leaves no half file under the final one. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.partial`, content)
  await rename(`${path}.partial`, path)
}

/** The sentence for a failure of the file system; anything else is handed back as it is. */
function explain(error: unknown, out: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error
  const cause = { cause: error }
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new VebiError('disk-full', `The disk of ${out} is full: free some space and run this again.`, cause)
    case 'EEXIST':
    case 'ENOTDIR':
      return new VebiError('bad-argument', `Cannot write to ${out}: a file is in the place of a folder.`, cause)
    default:
      return new VebiError('bad-argument', `Cannot write an8Flower to ${out}: ${reasonOf(error)}.`, cause)
  }
}
