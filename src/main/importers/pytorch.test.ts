import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PYTORCH_EXPORT, PYTORCH_SENTENCE } from '../../shared/model-formats.ts'
import { recogniseModel } from './index.ts'
import { folderWith, outcome } from './testing/outcome.ts'

const REFUSAL = `${PYTORCH_SENTENCE}\nimport torch\nmodel.eval()\n${PYTORCH_EXPORT[2]}`
const ZIP = Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0x00)
const PICKLE = Uint8Array.of(0x80, 0x02, 0x8a, 0x0a)

test.each([
  ['net.pt', ZIP],
  ['net.PTH', PICKLE],
  ['net.pth', new Uint8Array()],
  ['net.safetensors', Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0)],
  ['pytorch_model.bin', ZIP],
  ['old.bin', PICKLE],
  ['epoch.ckpt', ZIP],
])('%s is a file of PyTorch, refused with the lines that save it as ONNX', async (name, bytes) => {
  const folder = await folderWith({})
  const file = path.join(folder, name)
  await writeFile(file, bytes)
  expect(await outcome(file)).toEqual(['unsupported', `FOLDER/${name}: ${REFUSAL}`])
  expect(await recogniseModel(file)).toEqual({ supported: false, sentence: `${file}: ${REFUSAL}` })
})

test.each([
  ['group1-shard1of1.bin', Uint8Array.of(0, 0, 128, 63)],
  ['model.ckpt', Uint8Array.of(0x50, 0x4b)],
  ['empty.bin', new Uint8Array()],
])('%s, which has no such beginning, is just no model', async (name, bytes) => {
  const file = path.join(await folderWith({}), name)
  await writeFile(file, bytes)
  expect((await outcome(file))[0]).toBe('bad-file')
})
