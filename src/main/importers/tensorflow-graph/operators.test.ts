import path from 'node:path'
import { beforeAll, describe, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { openModel } from '../index.ts'
import { expectGoldenOutput, goldenOperators } from '../testing/golden-operators.ts'
import { unpacked } from '../testing/golden-networks.ts'
import { modelFolder } from './testing/model-folder.ts'

describe('small graphs against TensorFlow', () => {
  beforeAll(() => startEngine())

  test.each(goldenOperators('tensorflow-operators.json'))('$name', async (golden) => {
    const folder = await modelFolder({ 'graph.pb': unpacked(golden.file) })
    expectGoldenOutput(await openModel(path.join(folder, 'graph.pb')), golden)
  })
})
