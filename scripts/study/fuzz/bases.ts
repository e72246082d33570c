import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync, inflateSync } from 'node:zlib'

/** Type of a packed element (MAT-File Format, MathWorks, table 1-1). */
const COMPRESSED = 15

export type Format = 'tfjs' | 'hdf5' | 'keras' | 'onnx' | 'mat' | 'tensorflow'

/** A model that the importers open, in memory. */
export interface Base {
  readonly name: string
  readonly format: Format
  /** By their paths in the model's folder. */
  readonly files: ReadonlyMap<string, Buffer>
  /** What is opened: a file, or '' for the folder. */
  readonly main: string
}

const root = resolve(import.meta.dirname, '..', '..', '..')
const models = join(process.env['VEBI_DATA'] ?? resolve(root, '..', 'shared', 'data'), 'models')

const FORMATS: Readonly<Record<string, Format>> = {
  h5: 'hdf5', keras: 'keras', onnx: 'onnx', mat: 'mat', pb: 'tensorflow',
}

/** The models of ../shared/data (or VEBI_DATA) where there is such a folder, and the small ones of scripts/golden. */
export function loadBases(): Base[] {
  return [...(existsSync(models) ? sampleBases() : []), ...goldenBases()]
}

function sampleBases(): Base[] {
  return readdirSync(models).flatMap((name): Base[] => {
    const location = join(models, name)
    if (statSync(location).isDirectory()) {
      const files = readdirSync(location).map((file) => [file, readFileSync(join(location, file))] as const)
      return [{ name, format: 'tfjs', files: new Map(files), main: '' }]
    }
    const format = FORMATS[name.split('.').at(-1)!]
    return format ? [{ name, format, files: new Map([[name, readFileSync(location)]]), main: name }] : []
  })
}

interface GoldenCase {
  readonly name: string
  readonly file?: string
  readonly files?: Readonly<Record<string, string>>
}

interface GoldenKeras {
  readonly file: string
  readonly data: string
  /** What stands beside weights alone. */
  readonly description: string | null
}

/** Small models that frameworks wrote (base64 of gzip), for formats that have no sample and for the unit tests. */
export function goldenBases(): Base[] {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, 'scripts', 'golden', name), 'utf8'))
  const cases = (name: string) => (read(name) as { cases: readonly GoldenCase[] }).cases
  const single = (cases: readonly GoldenCase[], ending: 'mat' | 'onnx'): Base[] =>
    cases.map(({ name, file }) => {
      const main = `model.${ending}`
      return { name, format: ending, files: new Map([[main, unpacked(file!)]]), main }
    })
  const keras = Object.entries(read('keras-files.json') as Record<string, GoldenKeras>)
  return [
    ...single(cases('matconvnet-files.json'), 'mat').flatMap(withUnpackedForm),
    ...single(cases('onnx-files.json'), 'onnx'),
    ...keras.map(([name, { file, data, description }]): Base => {
      const files = new Map([[file, unpacked(data)]])
      if (description !== null) files.set(file.replace(/(\.weights)?\.h5$/, '.json'), Buffer.from(description))
      return { name, format: file.endsWith('.keras') ? 'keras' : 'hdf5', files, main: file }
    }),
    ...cases('tensorflow-graphs.json').map(({ name, files }): Base => {
      const unpackedFiles = Object.entries(files!).map(([file, text]) => [file, unpacked(text)] as const)
      const main = unpackedFiles.length === 1 ? unpackedFiles[0][0] : ''
      return { name, format: 'tensorflow', files: new Map(unpackedFiles), main }
    }),
  ]
}

/** Changes inside of what is packed would end at its checksum: the same file also with its variables unpacked. */
function withUnpackedForm(base: Base): Base[] {
  const bytes = base.files.get(base.main)!
  const isLittleEndian = bytes.toString('latin1', 126, 128) === 'IM'
  const wordAt = (at: number): number => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const parts = [bytes.subarray(0, 128)]
  let packed = 0
  for (let at = 128; at < bytes.length;) {
    const end = at + 8 + wordAt(at + 4)
    const isPacked = wordAt(at) === COMPRESSED
    packed += Number(isPacked)
    parts.push(isPacked ? inflateSync(bytes.subarray(at + 8, end)) : bytes.subarray(at, end))
    at = end
  }
  if (packed === 0) return [base]
  return [base, { ...base, name: `${base.name}, unpacked`, files: new Map([[base.main, Buffer.concat(parts)]]) }]
}

function unpacked(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'))
}
