import { describe, expect, test } from 'vitest'
import { MODEL, NUMBERED, outcomeOfFiles } from './testing/keras-model.ts'
import { archiveBytes } from './testing/write-archive.ts'
import { hdf5Bytes, type Tree } from './testing/write-hdf5.ts'

describe('archives', () => {
  const at = 'FOLDER/net.keras'
  const config = ['config.json', JSON.stringify(MODEL)] as const

  const weights = async () => ['model.weights.h5', await hdf5Bytes(NUMBERED)] as const
  const refused = async (bytes: Uint8Array) => outcomeOfFiles({ 'net.keras': bytes })

  test('no description, no weights', async () => {
    expect(await refused(await archiveBytes([await weights()]))).toEqual([
      'bad-model',
      `${at} has no "config.json" that describes a model.`,
    ])
    expect(await refused(await archiveBytes([config]))).toEqual([
      'bad-model',
      `${at} has no member "model.weights.h5".`,
    ])
  })

  test('a description that is no JSON', async () => {
    expect(await refused(await archiveBytes([['config.json', '{'], await weights()]))).toEqual([
      'bad-file',
      expect.stringMatching(/^FOLDER\/net\.keras: its member "config\.json" is not valid JSON: .*\.$/),
    ])
  })

  test('weights that are no HDF5 file', async () => {
    expect(await refused(await archiveBytes([config, ['model.weights.h5', 'weights']]))).toEqual([
      'bad-file',
      `${at}: model.weights.h5 is no HDF5 file, or one that is cut off or damaged.`,
    ])
  })

  test('weights of another layer, and a layer without weights', async () => {
    const { conv2d, dense } = NUMBERED['layers'] as Record<string, Tree>
    const other = { layers: { conv2d: { vars: { ...(conv2d['vars'] as Tree), name: 'stem' } }, dense } }
    expect(await refused(await archiveBytes([config, ['model.weights.h5', await hdf5Bytes(other)]]))).toEqual([
      'bad-model',
      `${at}: model.weights.h5: "layers/conv2d/vars" holds the weights of layer "stem", where those of "conv" are expected.`,
    ])
    const without = { layers: { conv2d, dense: { vars: {} } } }
    expect(await refused(await archiveBytes([config, ['model.weights.h5', await hdf5Bytes(without)]]))).toEqual([
      'bad-model',
      `${at}: layer "classes" has no weight "kernel" in the model's files.`,
    ])
  })

  test('an archive that is cut off', async () => {
    const bytes = await archiveBytes([config, await weights()])
    expect(await refused(bytes.subarray(0, bytes.length / 2))).toEqual([
      'bad-file',
      `${at} is no zip archive, or one that is cut off.`,
    ])
  })

  test('one name twice', async () => {
    expect(await refused(await archiveBytes([config, config, await weights()]))).toEqual([
      'bad-file',
      `${at} has two members named "config.json".`,
    ])
  })

  test('a name that leads out of the folder', async () => {
    const bytes = await archiveBytes([['xx/outside', ''], config, await weights()])
    expect(await refused(inPlace(bytes, 'xx/outside', '../outside'))).toEqual([
      'bad-file',
      `${at} is damaged: invalid relative path: ../outside.`,
    ])
  })

  test('a description that would fill the memory', async () => {
    const bytes = withClaimedSize(await archiveBytes([config, await weights()], true), 'config.json', 2 ** 26 + 1)
    expect(await refused(bytes)).toEqual([
      'bad-file',
      `${at}: its member "config.json" is 67108865 bytes large; at most 67108864 are read.`,
    ])
  })

  test('weights that claim to be far larger than they are packed', async () => {
    const claimed = 2 ** 30
    const bytes = withClaimedSize(await archiveBytes([config, await weights()], true), 'model.weights.h5', claimed)
    expect(await refused(bytes)).toEqual([
      'bad-file',
      expect.stringMatching(/: its member "model\.weights\.h5" claims 1073741824 bytes packed into \d+\.$/),
    ])
  })

  test('a member of another size than it states', async () => {
    const bytes = withClaimedSize(await archiveBytes([config, await weights()], true), 'model.weights.h5', 1000)
    expect(await refused(bytes)).toEqual(['bad-file', expect.stringMatching(/^FOLDER\/net\.keras is damaged: .+\.$/)])
  })
})

function inPlace(bytes: Buffer, text: string, other: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(text, other), 'latin1')
}

/** Writes another uncompressed size of a member into the archive's directory (record 0x02014b50, byte 24). */
function withClaimedSize(bytes: Buffer, member: string, size: number): Buffer {
  const changed = Buffer.from(bytes)
  const record = changed.lastIndexOf(member) - 46
  expect(changed.readUInt32LE(record)).toBe(0x02014b50)
  changed.writeUInt32LE(size, record + 24)
  return changed
}
