import { beforeAll, describe, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { openModel } from '../index.ts'
import { expectGolden, unpacked } from '../testing/golden-networks.ts'
import { goldenFiles } from './testing/golden-files.ts'
import { onnxFile } from './testing/onnx-file.ts'

const files = [...goldenFiles('onnx-files.json'), ...goldenFiles('tf2onnx-files.json')]

describe('outputs and heatmaps are those of the framework that wrote the file', () => {
  beforeAll(() => startEngine())

  test.each(files)('$name', async (golden) => {
    expectGolden(await openModel(await onnxFile(unpacked(golden.file))), golden)
  })
})
