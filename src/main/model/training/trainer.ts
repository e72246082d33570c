import * as tf from '@tensorflow/tfjs-core'
import type * as layers from '@tensorflow/tfjs-layers'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shuffledIndexes } from '../../../core/random.ts'
import type { Shape } from '../../../shared/graph.ts'
import { throwIfCancelled, VebiError } from '../../../shared/errors.ts'
import { architectures, type ArchitectureName } from './architectures.ts'

export interface Recipe {
  readonly architecture: ArchitectureName
  readonly optimizer: 'momentum' | 'adam'
  readonly learningRate: number
  /** The learning rate falls to zero along half a cosine over all steps. */
  readonly epochs: number
  readonly batchSize: number
  readonly seed: number
}

/** Images held by the caller; labels in the order of the images. */
export interface TrainingSet {
  readonly inputShape: Shape
  readonly classes: number
  readonly labels: Int32Array
  /** Preprocessed images `[indexes.length, ...inputShape]`. */
  batch(indexes: Int32Array): Float32Array
}

export interface TrainingProgress {
  readonly epoch: number
  readonly step: number
  readonly steps: number
  readonly loss: number
}

/** Trains with categorical cross-entropy. The same recipe, data and engine give the same weights up to rounding. */
export async function trainClassifier(
  set: TrainingSet,
  recipe: Recipe,
  options: { signal?: AbortSignal; report?: (progress: TrainingProgress) => void } = {},
): Promise<layers.Sequential> {
  const model = architectures[recipe.architecture](set.inputShape, set.classes, recipe.seed)
  const optimizer =
    recipe.optimizer === 'adam' ? tf.train.adam(recipe.learningRate) : tf.train.momentum(recipe.learningRate, 0.9)
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const steps = Math.ceil(set.labels.length / recipe.batchSize) * recipe.epochs
  let step = 0
  for (let epoch = 0; epoch < recipe.epochs; epoch++) {
    const order = shuffledIndexes(set.labels.length, recipe.seed + epoch)
    for (let begin = 0; begin < order.length; begin += recipe.batchSize) {
      throwIfCancelled(options.signal)
      setLearningRate(optimizer, recipe.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps)))
      const indexes = order.subarray(begin, begin + recipe.batchSize)
      const images = tf.tensor(set.batch(indexes), [indexes.length, ...set.inputShape])
      const labels = tf.tidy(() =>
        tf.oneHot(
          tf.tensor1d(
            Int32Array.from(indexes, (i) => set.labels[i]),
            'int32',
          ),
          set.classes,
        ),
      )
      const loss = (await model.trainOnBatch(images, labels)) as number
      tf.dispose([images, labels])
      if (!Number.isFinite(loss)) {
        throw new VebiError(
          'bad-data',
          `Training diverged in epoch ${epoch + 1}: the loss is ${loss}; lower the learning rate.`,
        )
      }
      step++
      options.report?.({ epoch: epoch + 1, step, steps, loss })
    }
  }
  optimizer.dispose()
  return model
}

/** tfjs keeps the rate in a protected field; changing it keeps the optimiser's moments. */
function setLearningRate(optimizer: tf.Optimizer, rate: number): void {
  ;(optimizer as unknown as { learningRate: number }).learningRate = rate
}

/** Writes the model as a TF.js LayersModel: `model.json` and one weight file. Returns the SHA-256 of the weights. */
export async function saveLayersModel(model: layers.Sequential, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  let hash = ''
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const data = artifacts.weightData
      const buffers = Array.isArray(data) ? data : [data as ArrayBuffer]
      const weights = Buffer.concat(buffers.map((buffer) => Buffer.from(buffer)))
      hash = createHash('sha256').update(weights).digest('hex')
      const description = {
        format: 'layers-model',
        generatedBy: `VEBI Workbench with TensorFlow.js ${tf.version_core}`,
        convertedBy: null,
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
      }
      await writeFile(join(folder, 'weights.bin'), weights)
      await writeFile(join(folder, 'model.json'), `${JSON.stringify(description, null, 1)}\n`)
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  return hash
}
