import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes the files of a model to a folder of their own, which goes when the running test ends; returns the folder. */
export async function modelFolder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'vebi-tensorflow-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = path.join(parent, 'model')
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), content)
  }
  return folder
}
