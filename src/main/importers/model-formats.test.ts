import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MODEL_FILE_ENDINGS, PYTORCH_ENDINGS } from '../../shared/model-formats.ts'
import { importers } from './index.ts'
import { temporaryFolder } from './testing/write-model.ts'

/** Whether an importer takes a file of this name. */
async function isTaken(name: string): Promise<boolean> {
  const file = path.join(await temporaryFolder(), name)
  await writeFile(file, '{}')
  return (await Promise.all(importers.map((importer) => importer.match(file)))).includes(true)
}

test.each(MODEL_FILE_ENDINGS)('what the dialogs offer can be opened: .%s', async (ending) => {
  expect(await isTaken(`net.${ending}`)).toBe(true)
})

test.each(PYTORCH_ENDINGS)('no importer takes a file of PyTorch: %s', async (ending) => {
  expect(await isTaken(`net${ending}`)).toBe(false)
})
