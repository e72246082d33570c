import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes a model to a folder of its own, which goes when the running test ends; returns the file. */
export async function onnxFile(bytes: Uint8Array, besides: Readonly<Record<string, Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'vebi-onnx-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(besides)) await writeFile(path.join(folder, name), content)
  const file = path.join(folder, 'model.onnx')
  await writeFile(file, bytes)
  return file
}
