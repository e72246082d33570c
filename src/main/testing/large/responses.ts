import type { FeatureLayout } from '../../../core/features.ts'
import { randomStream } from '../../../core/random.ts'
import type { Project } from '../../jobs/project.ts'
import { responsesInputs, TOP_IMAGES, TOP_PART } from '../../jobs/responses.ts'
import type { Artifact } from '../../store/artifacts.ts'
import { CLASSES } from './images.ts'
import type { SparseRow } from './sparse.ts'

/** Images in one stored part, as the extraction makes them. */
const PART_IMAGES = 512
/** Share of the images that a feature does not respond to. */
const SILENT = 0.6

/**
 * Stores responses of all training images and the top lists that follow from them: features respond to two images in
 * five, and more strongly to those of the classes that they matter to.
 */
export function storeResponses(project: Project, layout: FeatureLayout, labelSums: readonly SparseRow[]): Artifact {
  const { size } = layout
  const images = project.train.records.length
  const norms = drawResponses(project, size, labelSums)
  const writer = project.store.artifacts.begin('responses', responsesInputs(project, layout))
  const none = { topFeatures: new Int32Array(), topImages: new Int32Array(), topResponses: new Float32Array() }
  let correct = 0
  for (let begin = 0; begin < images; begin += PART_IMAGES) {
    const count = Math.min(PART_IMAGES, images - begin)
    const labels = Int32Array.from({ length: count }, (_, i) => project.train.records[begin + i].label)
    const predicted = labels.map((label, i) => ((begin + i) % 10 === 0 ? (label + 1) % CLASSES : label))
    const right = predicted.filter((winner, i) => winner === labels[i]).length
    correct += right
    writer.put(
      begin / PART_IMAGES,
      {
        images: Int32Array.from({ length: count }, (_, i) => begin + i),
        predicted,
        norms: { shape: [count, size], data: norms.subarray(begin * size, (begin + count) * size) },
        ...none,
        topPositions: new Int32Array(),
      },
      { unreadable: [], correct: right },
    )
  }
  writer.put(TOP_PART, topLists(project, layout, norms))
  return writer.finish({ images, correct, unreadable: [] })
}

/** `[images, size]`, not negative. */
function drawResponses(project: Project, size: number, labelSums: readonly SparseRow[]): Float32Array {
  const random = randomStream(31)
  const { records } = project.train
  const norms = new Float32Array(records.length * size)
  for (let i = 0; i < norms.length; i++) {
    const value = (random.next() >>> 0) / 2 ** 32
    norms[i] = value < SILENT ? 0 : 2 * (value - SILENT)
  }
  records.forEach(({ label }, image) => {
    for (const [feature, value] of labelSums[label]) if (value > 0) norms[image * size + feature] += 1
  })
  return norms
}

function topLists(
  project: Project,
  layout: FeatureLayout,
  norms: Float32Array,
): Record<string, Int32Array | Float32Array> {
  const { size } = layout
  const total = project.train.records.length
  const random = randomStream(32)
  const counts = new Int32Array(size)
  const images = new Int32Array(size * TOP_IMAGES)
  const responses = new Float32Array(size * TOP_IMAGES)
  const positions = new Int32Array(size * TOP_IMAGES)
  // More than enough of the strongest, so that few are sorted; image by image, as the norms lie in memory.
  const strong = Array.from({ length: size }, (): number[] => [])
  for (let image = 0; image < total; image++) {
    for (let feature = 0; feature < size; feature++) {
      if (norms[image * size + feature] > 0.6) strong[feature].push(image)
    }
  }
  for (const { node, offset, channels } of layout.layers) {
    const shape = project.graph.nodes[node].shape
    const units = shape.length === 3 ? shape[0] * shape[1] : 1
    for (let feature = offset; feature < offset + channels; feature++) {
      const own = strong[feature].map((image) => ({ image, response: norms[image * size + feature] }))
      own.sort((a, b) => b.response - a.response || a.image - b.image)
      counts[feature] = Math.min(TOP_IMAGES, own.length)
      for (let rank = 0; rank < counts[feature]; rank++) {
        const place = feature * TOP_IMAGES + rank
        images[place] = own[rank].image
        responses[place] = own[rank].response
        positions[place] = (random.next() >>> 0) % units
      }
    }
  }
  return { counts, images, responses, positions }
}
