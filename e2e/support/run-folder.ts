import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NAME = 'VEBI_E2E_RUN'
const PREFIX = join(tmpdir(), 'vebi-e2e-run-')

/**
 * A folder of this run, which all its tests share; made by the first process and inherited by the others. Whoever
 * writes scenarios names one in `VEBI_E2E_RUN`, which is kept: the demo is then computed once for many runs.
 */
export function runFolder(): string {
  return (process.env[NAME] ??= mkdtempSync(PREFIX))
}

export async function removeRunFolder(): Promise<void> {
  const folder = runFolder()
  if (folder.startsWith(PREFIX)) await rm(folder, { recursive: true, force: true })
}
