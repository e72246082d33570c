import { mkdtemp, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VebiError } from '../../shared/errors.ts'
import { acquireProject, createProject, withProject, type OpenProject } from '../app.ts'
import { analysisDefaults, type AnalysisOptions } from '../../shared/analysis.ts'
import type { Project } from '../jobs/project.ts'
import type { JobContext, Step } from '../jobs/runner.ts'
import type { JobRecord } from '../store/job-log.ts'
import { openProject, type ProjectReader } from '../store/project.ts'
import { drawPictures, writeClassFolders, writeIdxPair } from './pictures.ts'
import { writeTinyModel } from './tiny-model.ts'

/** Three parts of at most 512 images. */
export const TRAIN_IMAGES = 1100
/** Two batches of at most 512 images. */
export const TEST_IMAGES = 600

/** Data and model of a project, on disk. */
export interface Ingredients {
  readonly root: string
  readonly model: string
  readonly train: string
  readonly test: string
  readonly masks?: string
}

/** Many images, as IDX pairs. */
export async function idxIngredients(): Promise<Ingredients> {
  const root = await mkdtemp(join(tmpdir(), 'vebi-idx-'))
  return {
    root,
    model: await writeTinyModel(join(root, 'model')),
    train: await writeIdxPair(root, 'train', drawPictures(TRAIN_IMAGES, 1)),
    test: await writeIdxPair(root, 'test', drawPictures(TEST_IMAGES, 2)),
  }
}

/** Few images, as PNG files in a folder per class; the test images have masks. */
export async function folderIngredients(counts: { train: number; test: number }): Promise<Ingredients> {
  const root = await mkdtemp(join(tmpdir(), 'vebi-folders-'))
  const [train, test, masks] = [join(root, 'train'), join(root, 'test'), join(root, 'masks')]
  await writeClassFolders(train, drawPictures(counts.train, 3))
  await writeClassFolders(test, drawPictures(counts.test, 4), masks)
  return { root, model: await writeTinyModel(join(root, 'model')), train, test, masks }
}

export function discard({ root }: Ingredients): Promise<void> {
  return rm(root, { recursive: true, force: true })
}

/** Makes a project in `root/<name>` and returns its folder. */
export async function newProject(from: Ingredients, name: string): Promise<string> {
  const folder = join(from.root, name)
  await createProject(folder, { ...from, preprocessing: { scale: 1 / 255 } })
  return folder
}

/** Opens a project for one piece of work. */
export function inProject<Result>(folder: string, work: (project: Project) => Promise<Result>): Promise<Result> {
  return withProject(folder, {}, work)
}

/** Opens a project until it is released. */
export function holdProject(folder: string): Promise<OpenProject> {
  return acquireProject(folder, {})
}

/** An analysis as small as one can be that still uses every part of the method. */
export const smallAnalysis: AnalysisOptions = { ...analysisDefaults('paper'), repeats: 2, points: 4, patches: 10 }

export interface Recording {
  readonly context: JobContext
  readonly steps: Step[]
}

/** Keeps what a job reports; `onStep` may cancel it. */
export function recording(onStep: (step: Step, cancel: () => void) => void = () => {}): Recording {
  const controller = new AbortController()
  const steps: Step[] = []
  return {
    steps,
    context: {
      signal: controller.signal,
      report: (step) => {
        steps.push(step)
        onStep(step, () => controller.abort())
      },
    },
  }
}

export function quiet(): JobContext {
  return recording().context
}

/** The code and sentence of the VebiError that `work` ends with; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; sentence: string }> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof VebiError)) throw error
    return { code: error.code, sentence: error.message }
  }
  throw new Error('expected a VebiError, nothing was thrown')
}

/**
 * Everything a project has computed: for each result its key and a hash over its state, its parts and every bit of
 * their arrays. Two projects computed the same exactly when these are equal.
 */
export function resultsOf(folder: string): Record<string, string> {
  const store = openProject(folder, { mode: 'read' })
  try {
    const artifacts = store.artifacts.list()
    return Object.fromEntries(artifacts.map((each) => [`${each.kind} ${each.key}`, digest(store, each)]))
  } finally {
    store.close()
  }
}

function digest({ artifacts }: ProjectReader, artifact: { id: number; complete: boolean; meta: unknown }): string {
  const hash = createHash('sha256').update(JSON.stringify([artifact.complete, artifact.meta]))
  for (const part of artifacts.parts(artifact)) {
    hash.update(JSON.stringify([part, artifacts.partMeta(artifact, part)]))
    for (const { name, dtype, shape } of artifacts.arrays(artifact, part)) {
      const { data } = artifacts.read(artifact, part, name, dtype)
      hash.update(JSON.stringify([name, dtype, shape]))
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
  }
  return hash.digest('hex')
}

/** Every job, latest first. */
export function jobsOf(folder: string): Pick<JobRecord, 'kind' | 'state' | 'message'>[] {
  const store = openProject(folder, { mode: 'read' })
  try {
    return store.jobs.list().map(({ kind, state, message }) => ({ kind, state, message }))
  } finally {
    store.close()
  }
}
