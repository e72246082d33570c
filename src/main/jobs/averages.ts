import { removalOrder } from '../../core/ablation.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { addPatch, emptyPatchSum, finishPatchSum, offsetInFrame, type PatchSum } from '../../core/patches.ts'
import { randomIndex, randomStream } from '../../core/random.ts'
import { receptiveBox, type ReceptiveField } from '../../core/receptive-field.ts'
import type { TopEntry } from '../../core/top-lists.ts'
import { throwIfCancelled } from '../../shared/errors.ts'
import type { Shape } from '../../shared/graph.ts'
import type { AveragesSpec } from '../../shared/jobs.ts'
import { displayImage } from '../data/preprocess.ts'
import type { RawImage } from '../data/types.ts'
import { fieldsOf } from '../model/fields.ts'
import type { Artifact } from '../store/artifacts.ts'
import type { Project } from './project.ts'
import { imageParts, readResponses, readTopLists, requireResponses, TOP_IMAGES } from './responses.ts'
import { breathe, type JobContext } from './runner.ts'
import { select } from './selection.ts'

/** Longest side of a patch in the montage; larger fields are shown smaller there. */
const MONTAGE_SIDE = 56

/** Features whose patches are collected in one pass over the images: what is lost at most when the job is stopped. */
const FEATURES_PER_PASS = 48

/** The interpretation of one feature (method section 5). */
export interface FeatureAverage {
  readonly feature: number
  readonly channels: 1 | 3
  /** Size of the receptive field in pixels of the network's input; all images below have it. */
  readonly height: number
  readonly width: number
  /** `[height, width, channels]`, 0..255; NaN where no patch reaches. */
  readonly mean: Float32Array
  /** `[height, width]` standard deviation over the patches, root mean square over colours. */
  readonly spread: Float32Array
  /** The same average over random patches of the layer. */
  readonly randomMean: Float32Array
  readonly randomPatches: number
  /** The patches, strongest response first; reduced to at most 56 pixels a side. */
  readonly patches: readonly RawImage[]
  readonly entries: readonly TopEntry[]
  /** Indexes of the patches that were cut at the border of their image. */
  readonly clipped: readonly number[]
  readonly distinctImages: number
}

interface Place {
  readonly image: number
  readonly unit: readonly [number, number]
}

/** Average images of all features relevant to some class in one of the selections. Each is stored on its own. */
export async function average(
  project: Project,
  spec: AveragesSpec,
  context: JobContext,
): Promise<Map<number, FeatureAverage>> {
  const wanted = new Set<number>()
  let layout: FeatureLayout | undefined
  for (const each of spec.selections) {
    const selection = await select(project, each, context)
    layout = selection.layout
    for (const feature of removalOrder(selection.weights, project.config.classes.length, layout.size))
      wanted.add(feature)
  }
  if (!layout) return new Map()
  const { artifact } = requireResponses(project, layout)
  const features = [...wanted].sort((a, b) => a - b)
  const missing = features.filter(
    (feature) => !project.store.artifacts.find('average', averageInputs(artifact, feature, spec))?.complete,
  )
  for (let begin = 0; begin < missing.length; begin += FEATURES_PER_PASS) {
    await collect(
      project,
      artifact,
      layout,
      missing.slice(begin, begin + FEATURES_PER_PASS),
      spec,
      context,
      begin,
      missing.length,
    )
  }
  return new Map(features.map((feature) => [feature, readAverage(project, artifact, feature, spec)]))
}

/** What one feature's average image is keyed by. */
export function averageInputs(responses: Artifact, feature: number, spec: AveragesSpec): Record<string, unknown> {
  return { responses: responses.key, feature, patches: Math.min(spec.patches, TOP_IMAGES), seed: spec.seed }
}

/** What one feature gathers while the images pass by. */
interface Gathering {
  readonly feature: number
  readonly field: ReceptiveField
  readonly entries: readonly TopEntry[]
  readonly places: readonly Place[]
  readonly randomPlaces: readonly Place[]
  readonly sum: PatchSum
  readonly randomSum: PatchSum
  readonly patches: (RawImage | undefined)[]
  readonly clipped: Set<number>
}

async function collect(
  project: Project,
  responses: Artifact,
  layout: FeatureLayout,
  features: readonly number[],
  spec: AveragesSpec,
  context: JobContext,
  before: number,
  total: number,
): Promise<void> {
  const gatherings = prepare(project, responses, layout, features, spec)
  const visits = new Map<number, (() => void)[]>()
  let current: RawImage | undefined
  const visit = (image: number, work: () => void): void => {
    const list = visits.get(image)
    if (list) list.push(work)
    else visits.set(image, [work])
  }
  const inputShape = project.network.inputShape
  for (const gathering of gatherings) {
    gathering.places.forEach((place, index) =>
      visit(place.image, () => takePatch(gathering, place, index, current!, inputShape)),
    )
    for (const place of gathering.randomPlaces)
      visit(place.image, () => addTo(gathering.randomSum, gathering.field, place, current!, inputShape))
  }
  const images = [...visits.keys()].sort((a, b) => a - b)
  for (const [done, image] of images.entries()) {
    throwIfCancelled(context.signal)
    current = displayImage(await project.train.read(image), project.config.preprocessing)
    for (const work of visits.get(image)!) work()
    context.report({
      phase: 'average',
      done: before + ((done + 1) / images.length) * features.length,
      total,
      unit: 'features',
    })
    if (done % 64 === 0) await breathe()
  }
  project.store.transaction(() => {
    for (const gathering of gatherings) storeAverage(project, responses, gathering, spec)
  })
}

function prepare(
  project: Project,
  responses: Artifact,
  layout: FeatureLayout,
  features: readonly number[],
  spec: AveragesSpec,
): Gathering[] {
  const topOf = readTopLists(project, responses)
  const fields = fieldsOf(project.graph)
  const channels = project.config.preprocessing.channels
  // Images that could not be read while extracting are in no list, and no random patch is taken from them.
  const images = imageParts(project, responses).flatMap((part) => [...readResponses(project, responses, part).images])
  return features.map((feature) => {
    const { layer } = locate(layout, feature)
    const field = fields[layer.node]
    const shape = project.graph.nodes[layer.node].shape
    const entries = topOf(feature).slice(0, spec.patches)
    const frame = (): PatchSum => emptyPatchSum(field.vertical.size, field.horizontal.size, channels)
    return {
      feature,
      field,
      entries,
      places: entries.map(({ image, position }) => ({ image, unit: unitAt(shape, position) })),
      randomPlaces: randomPlaces(images, shape, entries.length, spec.seed, layer.node),
      sum: frame(),
      randomSum: frame(),
      patches: entries.map(() => undefined),
      clipped: new Set<number>(),
    }
  })
}

/** The same patches for all features of a layer: random images, random units. */
function randomPlaces(images: readonly number[], shape: Shape, count: number, seed: number, node: number): Place[] {
  const random = randomStream(seed, node)
  const units = shape.length === 3 ? shape[0] * shape[1] : 1
  return Array.from({ length: count }, () => {
    const image = images[randomIndex(random, images.length)]
    return { image, unit: unitAt(shape, randomIndex(random, units)) }
  })
}

function unitAt(shape: Shape, position: number): readonly [number, number] {
  const columns = shape.length === 3 ? shape[1] : 1
  return [Math.floor(position / columns), position % columns]
}

function addTo(sum: PatchSum, field: ReceptiveField, place: Place, image: RawImage, inputShape: Shape): boolean {
  const box = receptiveBox(field, place.unit, inputShape)
  addPatch(sum, image, box, offsetInFrame(field, place.unit, box))
  return box.clipped
}

function takePatch(gathering: Gathering, place: Place, index: number, image: RawImage, inputShape: Shape): void {
  if (addTo(gathering.sum, gathering.field, place, image, inputShape)) gathering.clipped.add(index)
  const single = emptyPatchSum(gathering.sum.height, gathering.sum.width, gathering.sum.channels)
  addTo(single, gathering.field, place, image, inputShape)
  gathering.patches[index] = reduced(single)
}

/** One patch as an 8-bit image, cut-off parts mid-grey, reduced by whole factors to the montage's size. */
function reduced({ height, width, channels, sum, count }: PatchSum): RawImage {
  const factor = Math.max(1, Math.ceil(Math.max(height, width) / MONTAGE_SIDE))
  const outHeight = Math.ceil(height / factor)
  const outWidth = Math.ceil(width / factor)
  const data = new Uint8Array(outHeight * outWidth * channels)
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      for (let c = 0; c < channels; c++) {
        let total = 0
        let pixels = 0
        for (let dy = y * factor; dy < Math.min(height, (y + 1) * factor); dy++) {
          for (let dx = x * factor; dx < Math.min(width, (x + 1) * factor); dx++) {
            const pixel = dy * width + dx
            total += count[pixel] > 0 ? sum[pixel * channels + c] : 128
            pixels++
          }
        }
        data[(y * outWidth + x) * channels + c] = Math.round(total / pixels)
      }
    }
  }
  return { height: outHeight, width: outWidth, channels: channels as 1 | 3, data }
}

function storeAverage(project: Project, responses: Artifact, gathering: Gathering, spec: AveragesSpec): void {
  const { height, width, channels } = gathering.sum
  const { mean, spread } = finishPatchSum(gathering.sum)
  const patches = gathering.patches.filter((patch) => patch !== undefined)
  const first = patches[0]
  const montage = new Uint8Array(patches.reduce((sum, patch) => sum + patch.data.length, 0))
  patches.forEach((patch, i) => montage.set(patch.data, i * patch.data.length))
  const writer = project.store.artifacts.begin('average', averageInputs(responses, gathering.feature, spec))
  writer.put(0, {
    mean: { shape: [height, width, channels], data: mean },
    spread: { shape: [height, width], data: spread },
    randomMean: { shape: [height, width, channels], data: finishPatchSum(gathering.randomSum).mean },
    montage: { shape: [patches.length, first?.height ?? 0, first?.width ?? 0, channels], data: montage },
    images: Int32Array.from(gathering.entries, (entry) => entry.image),
    responses: Float32Array.from(gathering.entries, (entry) => entry.response),
    positions: Int32Array.from(gathering.entries, (entry) => entry.position),
    clipped: Int32Array.from(gathering.clipped).sort(),
  })
  writer.finish({ randomPatches: gathering.randomPlaces.length })
}

function readAverage(project: Project, responses: Artifact, feature: number, spec: AveragesSpec): FeatureAverage {
  const { artifacts } = project.store
  const artifact = artifacts.find('average', averageInputs(responses, feature, spec))!
  const mean = artifacts.read(artifact, 0, 'mean', 'float32')
  const [height, width, channels] = mean.shape as [number, number, 1 | 3]
  const montage = artifacts.read(artifact, 0, 'montage', 'uint8')
  const [count, patchHeight, patchWidth] = montage.shape as [number, number, number, number]
  const patchLength = patchHeight * patchWidth * channels
  const images = artifacts.read(artifact, 0, 'images', 'int32').data
  const strengths = artifacts.read(artifact, 0, 'responses', 'float32').data
  const positions = artifacts.read(artifact, 0, 'positions', 'int32').data
  return {
    feature,
    channels,
    height,
    width,
    mean: mean.data,
    spread: artifacts.read(artifact, 0, 'spread', 'float32').data,
    randomMean: artifacts.read(artifact, 0, 'randomMean', 'float32').data,
    randomPatches: (artifact.meta as { randomPatches: number }).randomPatches,
    patches: Array.from({ length: count }, (_, i) => ({
      height: patchHeight,
      width: patchWidth,
      channels,
      data: montage.data.slice(i * patchLength, (i + 1) * patchLength),
    })),
    entries: Array.from(images, (image, i) => ({ image, response: strengths[i], position: positions[i] })),
    clipped: [...artifacts.read(artifact, 0, 'clipped', 'int32').data],
    distinctImages: new Set(images).size,
  }
}
