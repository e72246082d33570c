import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/write-model.ts'
import { bytesOfModel, limitsFor } from './limits.ts'

test('small files get a minute and a gibibyte, large ones more in proportion', () => {
  expect(limitsFor(0)).toEqual({ time: 60_000, memory: 2 ** 30 })
  expect(limitsFor(500_000_000)).toEqual({ time: 110_000, memory: 2 ** 30 + 2_000_000_000 })
})

test('the size of a model counts the weights in its folder', async () => {
  const folder = await temporaryFolder()
  await mkdir(path.join(folder, 'variables', 'deeper'), { recursive: true })
  await writeFile(path.join(folder, 'model.json'), '12345')
  await writeFile(path.join(folder, 'variables', 'weights.bin'), '1234567')
  await writeFile(path.join(folder, 'variables', 'deeper', 'other.bin'), '123')
  expect(await bytesOfModel(folder)).toBe(12)
  expect(await bytesOfModel(path.join(folder, 'model.json'))).toBe(12)
  expect(await bytesOfModel(path.join(folder, 'variables', 'weights.bin'))).toBe(7)
  await writeFile(path.join(folder, 'saved_model.pb'), '1')
  await writeFile(path.join(folder, 'frozen.pb'), '12')
  expect(await bytesOfModel(path.join(folder, 'saved_model.pb'))).toBe(15)
  expect(await bytesOfModel(path.join(folder, 'frozen.pb'))).toBe(2)
  expect(await bytesOfModel(path.join(folder, 'missing.onnx'))).toBe(0)
})

test('that of an ONNX model the files beside it that are named after it', async () => {
  const folder = await temporaryFolder()
  const named = ['net.onnx', 'net.onnx.data', 'net.onnx_data_1', 'net.data', 'net_weights.bin']
  for (const name of [...named, 'network.bin', 'other.onnx', 'other.data']) {
    await writeFile(path.join(folder, name), name)
  }
  expect(await bytesOfModel(path.join(folder, 'net.onnx'))).toBe(named.join('').length)
})
