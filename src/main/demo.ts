import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FlowerVariant } from '../core/an8flower/classes.ts'
import { FLOWER_GENERATOR_VERSION } from '../core/an8flower/flower.ts'
import { VebiError } from '../shared/errors.ts'
import { createProject } from './app.ts'
import { generateAn8Flower } from './jobs/generate.ts'
import type { JobContext } from './jobs/runner.ts'
import { holdsProject } from './store/project.ts'
import { storageFailure } from './store/storage-failure.ts'

/** The built-in demo: images by our generator, and a model that this project trained on other ones of the kind. */

/** Another seed than the models were trained with, so that every image is new to them. */
const DEMO_SEED = 2026
/** Training images of each class. */
const DEMO_COUNT = 100

export interface DemoRequest {
  /** Folder for images, model and project; made where it is missing. */
  readonly out: string
  readonly variant: FlowerVariant
  /** Training images of each class. */
  readonly count?: number
}

/** Where the demo of the window lives. Another version of the generator makes other images: they get a new place. */
export function demoFolder(userFolder: string): string {
  return join(userFolder, `demo-${FLOWER_GENERATOR_VERSION}`)
}

/**
 * Makes what the demo lacks and returns the folder of its project. What an interrupted run left is completed: images
 * and model come to their names as whole files, and so does the project as a whole folder.
 */
export async function prepareDemo(request: DemoRequest, context: JobContext): Promise<string> {
  const { out, variant, count = DEMO_COUNT } = request
  const resource = demoModel(variant)
  const images = join(out, `an8flower-${variant}`)
  await generateAn8Flower({ variant, out: images, seed: DEMO_SEED, count }, context)
  // A copy, so that the project outlives the place where this program is installed now.
  const model = join(out, 'models', variant)
  if (!existsSync(model)) await whole(model, (draft) => cp(resource, draft, { recursive: true }))
  const folder = join(out, `project-${variant}`)
  if (await holdsProject(folder)) return folder
  await whole(folder, async (draft) => {
    await createProject(
      draft,
      {
        model,
        train: join(images, 'train'),
        test: join(images, 'test'),
        masks: join(images, 'masks', 'test'),
        labels: join(model, 'labels.txt'),
        preprocessing: { scale: 1 / 255 },
      },
      {
        signal: context.signal,
        onProgress: (phase, done, total) => context.report({ phase, done, total, unit: 'images' }),
      },
    )
  })
  return folder
}

/** The trained model that comes with the program; see `recipe.json` beside it. */
export function demoModel(variant: FlowerVariant): string {
  // Bundled or not, this file lies somewhere below the folder that holds `resources`.
  for (let above = import.meta.dirname; ; above = dirname(above)) {
    const model = join(above, 'resources', 'demo', variant)
    if (existsSync(join(model, 'model.json'))) return model
    if (above === dirname(above)) {
      throw new VebiError(
        'missing-file',
        `No trained model resources/demo/${variant} above ${import.meta.dirname}: is the program complete?`,
      )
    }
  }
}

/** Makes a folder under another name first, so that a folder of this name is always whole. */
async function whole(folder: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${folder}.partial`
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(dirname(folder), { recursive: true })
    await make(draft)
    await rename(draft, folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
      throw new VebiError('bad-argument', `${folder} is in the way of the demo: move it to another place.`, {
        cause: error,
      })
    }
    throw storageFailure(error, folder)
  }
}
