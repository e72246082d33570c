import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argMaxRows } from '../../core/argmax.ts'
import { VebiError } from '../../shared/errors.ts'
import { batches } from '../data/batches.ts'
import { checkDisjoint } from '../data/identity.ts'
import { displayImage, preprocessInto } from '../data/preprocess.ts'
import { validatePreprocessing } from '../data/preprocessing.ts'
import type { ImageSource, Preprocessing, RawImage } from '../data/types.ts'
import { openModel } from '../importers/index.ts'
import type { Engine } from '../model/engine.ts'
import { batchSizeFor, Network } from '../model/network.ts'
import type { ArchitectureName } from '../model/training/architectures.ts'
import { saveLayersModel, trainClassifier, type Recipe } from '../model/training/trainer.ts'
import { breathe, type JobContext } from './runner.ts'

export interface TrainRequest {
  readonly train: ImageSource
  /** Accuracy on these is reported, nothing is chosen by it. */
  readonly validation: ImageSource | undefined
  readonly test: ImageSource
  readonly out: string
  readonly recipe: Recipe
  readonly engine: Engine
}

export interface TrainResult {
  readonly parameters: number
  readonly weightsSha256: string
  readonly trainAccuracy: number
  readonly validationAccuracy: number | null
  readonly testAccuracy: number
}

/** Input of each architecture; samples are divided by 255. */
const INPUTS: Record<ArchitectureName, { height: number; width: number; channels: 1 | 3 }> = {
  lenet: { height: 28, width: 28, channels: 1 },
  flower: { height: 112, width: 112, channels: 3 },
}

/** Trains a network of ours; writes a TF.js LayersModel and `recipe.json`: how it was made, how good it is. */
export async function train(request: TrainRequest, context: JobContext): Promise<TrainResult> {
  const { recipe, out, engine } = request
  if (engine.name === 'wasm') {
    throw new VebiError(
      'unsupported',
      'WASM cannot train (it lacks the gradients of convolutions): run "npm run setup" for native TensorFlow, or set VEBI_ENGINE=cpu.',
    )
  }
  checkDisjoint(request.train, request.test)
  const preprocessing = validatePreprocessing({ ...INPUTS[recipe.architecture], scale: 1 / 255 })
  const images = await readAll(request.train, preprocessing, context)
  const model = await trainClassifier(
    {
      inputShape: [preprocessing.height, preprocessing.width, preprocessing.channels],
      classes: request.train.classes.length,
      labels: Int32Array.from(request.train.records, (record) => record.label),
      batch: (indexes) => {
        const pixels = preprocessing.height * preprocessing.width * preprocessing.channels
        const data = new Float32Array(indexes.length * pixels)
        indexes.forEach((index, i) => preprocessInto(images[index], preprocessing, data, i * pixels))
        return data
      },
    },
    recipe,
    {
      signal: context.signal,
      report: ({ step, steps }) => context.report({ phase: 'train', done: step, total: steps, unit: 'batches' }),
    },
  )
  const parameters = model.countParams()
  const weightsSha256 = await saveLayersModel(model, out)
  model.dispose()
  const network = new Network(await openModel(out))
  try {
    const measured = {
      parameters,
      weightsSha256,
      trainAccuracy: await accuracy(network, request.train, preprocessing, context),
      validationAccuracy: request.validation
        ? await accuracy(network, request.validation, preprocessing, context)
        : null,
      testAccuracy: await accuracy(network, request.test, preprocessing, context),
    }
    const made = {
      recipe,
      preprocessing,
      classes: request.train.classes,
      engine: `${engine.name} ${engine.version}`,
      ...measured,
    }
    await writeFile(join(out, 'recipe.json'), `${JSON.stringify(made, null, 2)}\n`)
    await writeFile(join(out, 'labels.txt'), `${request.train.classes.join('\n')}\n`)
    return measured
  } finally {
    network.dispose()
  }
}

/** Share of the images that the network gets right, through the imported model as users will run it. */
export async function accuracy(
  network: Network,
  source: ImageSource,
  preprocessing: Preprocessing,
  context: JobContext,
): Promise<number> {
  let right = 0
  let seen = 0
  for await (const batch of batches(source, preprocessing, {
    batchSize: batchSizeFor(network.graph, 256),
    signal: context.signal,
  })) {
    const count = batch.indexes.length
    if (count === 0) continue
    const winners = argMaxRows(network.output(batch.data, count, network.graph.output), count)
    batch.indexes.forEach((index, i) => (right += Number(winners[i] === source.records[index].label)))
    seen += count
    context.report({ phase: 'measure', done: seen, total: source.records.length, unit: 'images' })
    await breathe()
  }
  return right / seen
}

/** All images at the network's size, 8-bit: they are visited once per epoch. */
async function readAll(source: ImageSource, preprocessing: Preprocessing, context: JobContext): Promise<RawImage[]> {
  const images: RawImage[] = []
  for (let begin = 0; begin < source.records.length; begin += 64) {
    const end = Math.min(source.records.length, begin + 64)
    const read = Array.from({ length: end - begin }, async (_, i) =>
      displayImage(await source.read(begin + i), preprocessing),
    )
    images.push(...(await Promise.all(read)))
    context.report({ phase: 'read', done: end, total: source.records.length, unit: 'images' })
  }
  return images
}
