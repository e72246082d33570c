import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import type { Draft } from '../shared/contract.ts'
import type { Graph } from '../shared/graph.ts'
import { VebiError } from '../shared/errors.ts'
import { preprocessingText, takenFromFile } from '../shared/preprocessing-presets.ts'
import type { ProjectConfig } from '../shared/project.ts'
import type { ImageRole } from '../shared/images.ts'
import type { PreprocessingOverrides } from '../shared/project-info.ts'
import { checkDisjoint, sourceKey } from './data/identity.ts'
import { preprocessingKey, validatePreprocessing } from './data/preprocessing.ts'
import { openSource } from './data/source.ts'
import type { ImageSource, Preprocessing } from './data/types.ts'
import { openForeignModel } from './importers/isolated/index.ts'
import type { Project } from './jobs/project.ts'
import { startEngine } from './model/engine.ts'
import { Network } from './model/network.ts'
import { openProject, type ProjectReader, type ProjectStore } from './store/project.ts'

/** The one place that puts model, images, engine and store together. */

export interface Listening {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((phase: string, done: number, total: number) => void) | undefined
  /** Sentences that a person should read though the work goes on: repairs of the model, files passed over. */
  readonly onNote?: ((sentence: string) => void) | undefined
}

const configSchema: z.ZodType<ProjectConfig> = z.strictObject({
  model: z.string(),
  train: z.string(),
  test: z.string(),
  masks: z.string().nullable(),
  classes: z.array(z.string()),
  preprocessing: z.strictObject({
    height: z.int(),
    width: z.int(),
    channels: z.union([z.literal(1), z.literal(3)]),
    resize: z.enum(['fit', 'crop']),
    scale: z.number(),
    mean: z.array(z.number()),
    std: z.array(z.number()),
    order: z.enum(['rgb', 'bgr']),
  }),
})

/** What a project is made of, opened and found to fit together. */
export interface Ingredients {
  readonly graph: Graph
  readonly preprocessing: Preprocessing
  /** Whether the preprocessing is what the model's file suggests, as nothing of it was given. */
  readonly isFromFile: boolean
  readonly train: ImageSource
  readonly test: ImageSource
}

/** How model and images are opened; a draft keeps them open between its calls. */
export interface Openers {
  readonly model: (path: string) => Promise<Graph>
  readonly images: (location: string, role: ImageRole, options: ImageOptions) => Promise<ImageSource>
}

export interface ImageOptions {
  readonly classes?: readonly string[] | undefined
  readonly masks?: string | undefined
}

/** Checks everything but that train and test share no image. Throws as `openForeignModel` and `openSource` do. */
export async function openIngredients(options: Draft, open: Openers): Promise<Ingredients> {
  const graph = await open.model(options.model)
  const taken = takenFromFile(options.preprocessing, graph.suggestion)
  const preprocessing = preprocessingFor(graph, { ...options.preprocessing, ...taken })
  const labels = await classNames(graph, options)
  const train = await open.images(options.train, 'train', { classes: labels })
  const test = await open.images(options.test, 'test', { classes: labels ?? train.classes, masks: options.masks })
  requireMatchingClasses(graph, options.model, train, labels)
  if (options.masks && !test.records.some((record) => record.hasMask)) {
    throw new VebiError(
      'bad-data',
      `${options.masks} has no mask for any image of ${options.test}: masks need the same relative names.`,
    )
  }
  return { graph, preprocessing, isFromFile: taken !== null, train, test }
}

/** Checks everything a project is made of, then writes it; a project that cannot work is never made. */
export async function createProject(
  folder: string,
  options: Draft,
  listening: Listening = {},
): Promise<ProjectConfig> {
  const { graph, preprocessing, isFromFile, train, test } = await openIngredients(options, {
    model: openForeignModel,
    images: (location, role, choices) => openImages(location, role, choices, listening),
  })
  if (isFromFile) {
    listening.onNote?.(`Images are prepared as ${options.model} says: ${preprocessingText(preprocessing)}.`)
  }
  for (const note of [...graph.warnings, ...train.notes, ...test.notes]) listening.onNote?.(note)
  checkDisjoint(train, test)
  const config: ProjectConfig = {
    model: resolve(options.model),
    train: absoluteData(options.train),
    test: absoluteData(options.test),
    masks: options.masks ? resolve(options.masks) : null,
    classes: [...train.classes],
    preprocessing,
  }
  const store = openProject(folder, { mode: 'create' })
  try {
    store.transaction(() => {
      store.setConfig(config)
      store.images.write('train', train.records)
      store.images.write('test', test.records)
    })
  } finally {
    store.close()
  }
  return config
}

/** An open project and what ends it: model, engine memory, database and lock are released. */
export interface OpenProject {
  readonly project: Project
  readonly release: () => void
}

/** Opens a project for work: takes its lock, opens model and images and starts the engine. */
export async function acquireProject(folder: string, listening: Listening): Promise<OpenProject> {
  const store = openProject(folder, { mode: 'open' })
  try {
    const config = requireConfig(store)
    const graph = await openForeignModel(config.model)
    preprocessingFor(graph, config.preprocessing)
    const train = await openImages(config.train, 'train', { classes: config.classes }, listening)
    const test = await openImages(
      config.test,
      'test',
      { classes: config.classes, masks: config.masks ?? undefined },
      listening,
    )
    // Model and images may have changed since the project was made.
    requireMatchingClasses(graph, config.model, train, config.classes)
    checkDisjoint(train, test)
    const engine = await startEngine()
    const network = new Network(graph)
    const keys = {
      train: sourceKey(train),
      test: sourceKey(test),
      preprocessing: preprocessingKey(config.preprocessing),
    }
    return {
      project: { folder, config, store, engine, graph, network, train, test, keys },
      release: () => {
        network.dispose()
        store.close()
      },
    }
  } catch (error) {
    store.close()
    throw error
  }
}

/** Opens a project for `run`; everything is released afterwards, however it ends. */
export async function withProject<Result>(
  folder: string,
  listening: Listening,
  run: (project: Project) => Promise<Result>,
): Promise<Result> {
  const { project, release } = await acquireProject(folder, listening)
  try {
    return await run(project)
  } finally {
    release()
  }
}

export function requireConfig(store: ProjectReader | ProjectStore): ProjectConfig {
  const config = store.config(configSchema)
  if (!config)
    throw new VebiError('not-ready', `${store.folder} has no configuration: make the project again.`)
  return config
}

/** Size and channels come from the network's input unless they are given. */
export function preprocessingFor(graph: Graph, overrides: PreprocessingOverrides): Preprocessing {
  const shape = graph.nodes[0].shape
  const [height, width, channels = 1] = shape
  if (
    shape.length < 2 ||
    shape.length > 3 ||
    height === undefined ||
    width === undefined ||
    (channels !== 1 && channels !== 3)
  ) {
    throw new VebiError(
      'unsupported',
      `The model takes inputs of shape [${shape.join(', ')}]; images need [height, width], or [height, width, channels] with 1 or 3 channels.`,
    )
  }
  const preprocessing = validatePreprocessing({ height, width, channels, ...overrides })
  if (preprocessing.height !== height || preprocessing.width !== width || preprocessing.channels !== channels) {
    throw new VebiError(
      'bad-argument',
      `The model takes ${height}x${width} images with ${channels} channels, not ${preprocessing.height}x${preprocessing.width} with ${preprocessing.channels}.`,
    )
  }
  return preprocessing
}

/** Names in the order of the outputs; undefined where those of the images are taken. */
async function classNames(
  graph: Graph,
  { model, labels, modelClasses }: Draft,
): Promise<readonly string[] | undefined> {
  if (labels) return readLabels(labels)
  if (!modelClasses) return undefined
  const classes = graph.suggestion?.classes
  if (!classes) throw new VebiError('bad-argument', `${model} names no classes: give a file of labels.`)
  return classes
}

export async function readLabels(file: string): Promise<string[]> {
  if (!existsSync(file)) throw new VebiError('missing-file', `${file} does not exist.`)
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/).map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  const empty = lines.indexOf('')
  if (lines.length === 0) throw new VebiError('bad-file', `${file} is empty; every line names one class.`)
  if (empty >= 0) throw new VebiError('bad-file', `${file}: line ${empty + 1} is empty; every line names one class.`)
  return lines
}

export function openImages(
  location: string,
  role: ImageRole,
  options: ImageOptions,
  listening: Listening,
): Promise<ImageSource> {
  return openSource(location, {
    ...options,
    signal: listening.signal,
    onProgress: (done, total) => listening.onProgress?.(`read ${role} images`, done, total),
  })
}

function requireMatchingClasses(
  graph: Graph,
  model: string,
  train: ImageSource,
  labels: readonly string[] | undefined,
): void {
  const outputs = graph.nodes[graph.output].shape.at(-1)!
  if (train.classes.length !== outputs) {
    throw new VebiError(
      'bad-data',
      `${model} has ${outputs} outputs, but ${train.location} has ${train.classes.length} classes${labels ? '' : ': a file of labels, with one class on each line, names them all'}.`,
    )
  }
}

/** An IDX pair is two paths. */
function absoluteData(location: string): string {
  if (existsSync(location)) return resolve(location)
  const middle = location.indexOf(':', isAbsolute(location) && /^[a-z]:/i.test(location) ? 2 : 0)
  return middle < 0 ? resolve(location) : `${resolve(location.slice(0, middle))}:${resolve(location.slice(middle + 1))}`
}
