import { computed, onScopeDispose, shallowReactive, shallowRef, watch, type ComputedRef } from 'vue'
import type { EvaluationSpec, HeatmapKind } from '../../../shared/jobs.ts'
import type { Matrix } from '../../../shared/matrix.ts'
import type { ImageId } from '../../../shared/images.ts'
import type { ComputedExplanation, EvaluationResult } from '../../../shared/results.ts'
import { useResult, type Result } from '../../composables/use-result.ts'
import { useProjectStore } from '../../stores/project.ts'
import { controlsOf, scoreMap, type CanvasPixels, type ImageScore } from './image-scores.ts'

/** A test image with its mask and its heatmaps held against it. */
export interface ScoredImage {
  readonly image: ImageId
  readonly mask: Matrix<Uint8Array>
  /** In the order of the evaluation; without the control that needs another network. */
  readonly scores: readonly ImageScore[]
  readonly predicted: number
  readonly confidence: number
}

/** Explanations are asked for one after another: the engine computes one at a time. */
const METHODS: readonly HeatmapKind[] = ['ours', 'deconv-gb', 'upsampled']

/** The scores of one image; the answer before stays until the next is complete. */
export function useImageScores(question: {
  readonly image: () => ImageId | null
  readonly evaluation: () => EvaluationSpec
  readonly result: () => EvaluationResult
}): { readonly scored: ComputedRef<ScoredImage | null>; readonly failed: ComputedRef<Result<unknown> | null> } {
  const project = useProjectStore()
  const mask = useResult('images.mask', () => argumentOf(question.image()), { keep: false })
  const explanations = METHODS.map((method) =>
    useResult('explanations.compute', () => {
      const image = question.image()
      const { selection, topFeatures, strideCorrection, reduction } = question.evaluation()
      const explanation = { selection, topFeatures, strideCorrection, reduction }
      return image === null ? null : { explanation, image, classIndex: null, method }
    }, { keep: false }),
  )
  const picture = usePicturePixels(question.image)
  const latest = shallowRef<ScoredImage | null>(null)

  watch(
    () => [mask.data, picture.of, picture.pixels, ...explanations.map(({ data }) => data)] as const,
    () => {
      const image = question.image()
      const computed = explanations.flatMap(({ data }) => (data?.image === image && data ? [data] : []))
      // The picture may be one that cannot be read: then the controls are left out.
      if (image === null || !mask.data || computed.length < METHODS.length || picture.of !== image) return
      latest.value = scoreAll(image, mask.data, computed)
    },
  )

  function scoreAll(
    image: ImageId,
    masked: Matrix<Uint8Array>,
    computed: readonly ComputedExplanation[],
  ): ScoredImage {
    const maps = new Map<string, Matrix<Float32Array>>(computed.map(({ method, combined }) => [method, combined]))
    const channels = project.info?.config.preprocessing.channels ?? 3
    const index = Number(image.slice(image.indexOf('/') + 1))
    if (picture.pixels) {
      const seeds = [question.evaluation().seed, index]
      const controls = controlsOf(picture.pixels, channels, question.result().boxShare, seeds)
      for (const { kind, map } of controls) maps.set(kind, map)
    }
    const scores = question.result().scores.flatMap(({ kind, name, control }) => {
      const map = maps.get(kind)
      return map ? [scoreMap({ kind, name, control, map }, masked)] : []
    })
    const { predicted = 0, confidence = 0 } = computed[0] ?? {}
    return { image, mask: masked, scores, predicted, confidence }
  }

  return {
    scored: computed(() => (question.image() === null ? null : latest.value)),
    failed: computed(() => [mask, ...explanations].find(({ error }) => error !== null) ?? null),
  }
}

function argumentOf(image: ImageId | null): { readonly image: ImageId } | null {
  return image === null ? null : { image }
}

/** The pixels of an image as the network sees it; null where it cannot be read. */
function usePicturePixels(image: () => ImageId | null): {
  readonly of: ImageId | null
  readonly pixels: CanvasPixels | null
} {
  const project = useProjectStore()
  const state = shallowReactive<{ of: ImageId | null; pixels: CanvasPixels | null }>({ of: null, pixels: null })
  let round = 0
  watch(
    () => [image(), project.generation] as const,
    async ([id]) => {
      const mine = ++round
      state.of = null
      if (id === null) return
      const { height = 0, width = 0 } = project.info?.config.preprocessing ?? {}
      const pixels = await readPixels(project.pictureAddress(id, 'displayed', Math.max(height, width, 1))).catch(
        () => null,
      )
      if (mine !== round) return
      // Of another size it is not what the network sees.
      state.pixels = pixels?.height === height && pixels.width === width ? pixels : null
      state.of = id
    },
    { immediate: true },
  )
  onScopeDispose(() => round++)
  return state
}

async function readPixels(address: string): Promise<CanvasPixels> {
  const picture = new Image()
  picture.src = address
  await picture.decode()
  const canvas = document.createElement('canvas')
  canvas.height = picture.naturalHeight
  canvas.width = picture.naturalWidth
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no canvas')
  context.drawImage(picture, 0, 0)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
