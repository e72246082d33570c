import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '..', '..')

/** Runs the command line of this repository; rejects where it fails. */
export async function vebi(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'bin', 'vebi.mjs'), ...args], {
    maxBuffer: 64 * 2 ** 20,
  })
  return stdout
}

/** The model that comes with the program. */
export const DEMO_MODEL = join(ROOT, 'resources', 'demo', 'single-6c')

/**
 * A new project of the demo's images and model with nothing computed.
 *
 * @param demo Folder of the demo, with images and model in it.
 */
export async function newFlowerProject(demo: string, folder: string): Promise<string> {
  const project = join(folder, 'flowers')
  const images = join(demo, 'an8flower-single-6c')
  const model = join(demo, 'models', 'single-6c')
  const data = ['--train', join(images, 'train'), '--test', join(images, 'test'), '--labels', join(model, 'labels.txt')]
  await vebi('init', project, '--model', model, ...data, '--scale', '1/255')
  return project
}

/** The folder of foreign models and images: `VEBI_DATA`, else beside the repository; undefined where there is none. */
export function sharedData(): string | undefined {
  const folder = process.env['VEBI_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
  return existsSync(folder) ? folder : undefined
}

export const NO_DATA = 'models and images of others are neither in VEBI_DATA nor in ../shared/data'
