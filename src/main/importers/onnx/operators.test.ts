import { beforeAll, describe, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { openModel } from '../index.ts'
import { expectGoldenOutput, goldenOperators } from '../testing/golden-operators.ts'
import { onnxFile } from './testing/onnx-file.ts'

describe('small files against onnxruntime', () => {
  beforeAll(() => startEngine())

  test.each(goldenOperators('onnx-operators.json'))('$name', async (golden) => {
    expectGoldenOutput(await openModel(await onnxFile(Buffer.from(golden.file, 'base64'))), golden)
  })
})
