import path from 'node:path'
import { beforeAll, describe, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { openModel } from '../index.ts'
import { expectGolden, goldenNetworks, unpacked, type GoldenNetwork } from '../testing/golden-networks.ts'
import { modelFolder } from './testing/model-folder.ts'

interface GoldenModel extends GoldenNetwork {
  /** By path, base64 of gzip. */
  readonly files: Readonly<Record<string, string>>
}

describe('outputs and heatmaps are those of TensorFlow', () => {
  beforeAll(() => startEngine())

  test.each(goldenNetworks<GoldenModel>('tensorflow-graphs.json'))('$name', async (golden) => {
    const entries = Object.entries(golden.files)
    const folder = await modelFolder(Object.fromEntries(entries.map(([name, text]) => [name, unpacked(text)])))
    const [name] = entries[0]
    const isFrozen = entries.length === 1 && name !== 'saved_model.pb'
    expectGolden(await openModel(isFrozen ? path.join(folder, name) : folder), golden)
  })
})
