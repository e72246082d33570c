import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { runFolder } from './run-folder.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

/** Time that making the project may take, milliseconds. */
export const LARGE_TIME = 300_000

/**
 * The project of 1000 classes and 12,000 features. `VEBI_LARGE_PROJECT` names one that was made before by
 * scripts/fixtures/large-project.ts.
 */
export async function largeProject(): Promise<string> {
  const made = process.env['VEBI_LARGE_PROJECT']
  if (made !== undefined) return made
  const program = join(ROOT, 'scripts', 'fixtures', 'large-project.ts')
  const node = join(ROOT, 'node_modules', '.bin', 'node')
  const { stdout } = await promisify(execFile)(node, [program, join(runFolder(), 'large')], { timeout: LARGE_TIME })
  return stdout.trim()
}
