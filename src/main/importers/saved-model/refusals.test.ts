import { rename, symlink } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../shared/errors.ts'
import { openModel } from '../index.ts'
import { modelFolder } from '../tensorflow-graph/testing/model-folder.ts'
import { savedModelBytes, type NodeText, type SavedModelText } from '../tensorflow-graph/testing/write-graph.ts'
import { goldenNetworks, unpacked, type GoldenNetwork } from '../testing/golden-networks.ts'

type Files = Readonly<Record<string, Uint8Array | string>>

const INDEX = 'variables/variables.index'
const DATA = 'variables/variables.data-00000-of-00001'

/** A SavedModel with variables that TensorFlow wrote. */
const golden = goldenNetworks<GoldenNetwork & { files: Record<string, string> }>('tensorflow-graphs.json').find(
  ({ files }) => 'saved_model.pb' in files && unpacked(files[DATA] ?? '').length > 100,
)!
const FILES = Object.fromEntries(Object.entries(golden.files).map(([name, text]) => [name, unpacked(text)]))

/** The code and the sentence, the folder written as FOLDER; null where the model is read. */
async function refusal(folder: string): Promise<[ErrorCode, string] | null> {
  try {
    await openModel(folder)
    return null
  } catch (error) {
    const { code, message } = error as { code: ErrorCode; message: string }
    return [code, message.replaceAll(folder, 'FOLDER')]
  }
}

const AT = 'FOLDER/saved_model.pb: '

/** The file with one byte changed. */
function withByte(file: Buffer, place: number, value: number): Buffer {
  const copy = Buffer.from(file)
  copy[place] = value
  return copy
}

describe('variables beside a SavedModel', () => {
  const { [INDEX]: _index, ...withoutIndex } = FILES
  const { [DATA]: _data, ...withoutData } = FILES

  test.each<[string, Files, ErrorCode, string | RegExp]>([
    ['are missing', withoutIndex, 'unsupported', new RegExp(
      `^${AT}node "[^"]+" is a variable, but ${INDEX} is missing beside the model; ` +
        'freeze the model in Python: import tensorflow as tf; .+\\.$',
    )],
    ['have no values', withoutData, 'missing-file', `${AT}${DATA} is missing.`],
    ['are cut off', { ...FILES, [DATA]: FILES[DATA].subarray(0, 2000) }, 'bad-model',
      /: the variable "[^"]+" reaches to byte \d+ of its file, which has 2000 bytes\.$/],
    ['have an index that is cut off', { ...FILES, [INDEX]: FILES[INDEX].subarray(0, 400) }, 'bad-file',
      `${AT}${INDEX} is cut off or no such table.`],
    ['have an index that is no table', { ...FILES, [INDEX]: 'text'.repeat(30) }, 'bad-file',
      `${AT}${INDEX} is cut off or no such table.`],
    ['have an index that points outside', { ...FILES, [INDEX]: withByte(FILES[INDEX], FILES[INDEX].length - 44, 0x7f) },
      'bad-file', `${AT}${INDEX} points outside of its file.`],
  ])('%s', async (_, files, code, sentence) => {
    const found = await refusal(await modelFolder(files))
    expect(found?.[0]).toBe(code)
    if (typeof sentence === 'string') expect(found?.[1]).toBe(sentence)
    else expect(found?.[1]).toMatch(sentence)
  })

  test('that a link leads out of the folder to', async () => {
    const folder = await modelFolder(FILES)
    const outside = path.join(folder, '..', 'elsewhere')
    await rename(path.join(folder, DATA), outside)
    await symlink(outside, path.join(folder, DATA))
    expect(await refusal(folder)).toEqual(['bad-model', `${AT}${DATA} lies outside the model's folder.`])
  })

  test('whose index is damaged anywhere are refused in one sentence, or read', async () => {
    for (let place = 0; place < FILES[INDEX].length; place += 13) {
      const changed = withByte(FILES[INDEX], place, FILES[INDEX][place] ^ 0xff)
      const found = await refusal(await modelFolder({ ...FILES, [INDEX]: changed }))
      if (found) expect(found[1]).toMatch(/^FOLDER\/saved_model\.pb: .+\.$/)
    }
  })
})

test('every cut of saved_model.pb is refused in one sentence that names it', async () => {
  const whole = FILES['saved_model.pb']
  for (let length = 0; length < whole.length; length += 2003) {
    const found = await refusal(await modelFolder({ ...FILES, 'saved_model.pb': whole.subarray(0, length) }))
    expect(found?.[1]).toMatch(/^FOLDER\/saved_model\.pb.+\.$/)
  }
})

describe('what a SavedModel offers', () => {
  const image: NodeText = { op: 'Placeholder', name: 'image', attributes: { shape: { shape: [null, 3] } } }
  const end: NodeText = { op: 'Relu', name: 'end', inputs: ['image'] }
  const outcome = async (model: SavedModelText) => refusal(await modelFolder({ 'saved_model.pb': savedModelBytes(model) }))

  test.each<[string, SavedModelText['signatures'], readonly [ErrorCode, string] | null]>([
    ['the usual signature', { serving_default: [['image:0'], ['end:0']], other: [[], ['image:0']] }, null],
    ['a single signature of another name', { predict: [['image:0'], ['end:0']] }, null],
    ['several others', { predict: [['image:0'], ['end:0']], train: [['image:0'], ['end:0']] }, ['unsupported',
      `${AT}the model has the signatures "predict", "train"; only one named "serving_default", or a single one, can be read.`]],
    ['an output that is not there', { serving_default: [['image:0'], ['nothing:0']] },
      ['bad-model', `${AT}the output "nothing:0" is not made by any node.`]],
    ['several outputs', { serving_default: [['image:0'], ['end:0', 'image:0']] }, ['unsupported',
      `${AT}the graph has 2 outputs ("end:0", "image:0"), but only models with one output, the classes, can be read.`]],
  ])('%s', async (_, signatures, expected) => {
    expect(await outcome({ nodes: [image, end], signatures })).toEqual(expected)
  })
})
