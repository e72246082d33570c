import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Graph } from '../../../shared/graph.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { Hdf5File } from '../hdf5/file.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildKerasGraph } from '../keras/build.ts'
import { isObject } from '../keras/config.ts'
import { parseDescription } from '../keras/description.ts'
import { hasNumberedWeights, numberedWeights } from '../keras/numbered-weights.ts'
import { readArchitecture, type Architecture } from './architecture.ts'
import { legacyWeights } from './legacy-weights.ts'

/** The whole file lies in memory while it is read. */
const LARGEST_FILE = 2 ** 31 - 1
const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

/**
 * A Keras model in an HDF5 file (`model.save('x.h5')`), or its weights alone with the model's description as JSON
 * beside them (`x.json` for `x.h5` or `x.weights.h5`). tf.keras wrote HDF5 under the ending .keras too.
 */
export const kerasHdf5Importer: Importer = {
  name: 'Keras HDF5 model',

  async match(location) {
    const info = await stat(location).catch(() => undefined)
    if (!info?.isFile()) return false
    const ending = path.extname(location).toLowerCase()
    if (ending === '.h5' || ending === '.hdf5') return true
    return ending === '.keras' && (await isHdf5(location))
  },

  async glance(location) {
    return (await isHdf5(location).catch(() => false)) ? null : `${location} is no HDF5 file.`
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const bytes = await readWhole(location)
    // Read before the file is open, since nothing can wait while it is.
    const beside = await readArchitecture(location)
    // Loaded where it is needed: compiling the library takes longer than opening a small model.
    const { withHdf5File } = await import('../hdf5/file.ts')
    return withHdf5File(bytes, location, (file) => {
      const stated = architectureInside(file)
      const architecture = stated ?? beside.architecture
      if (!architecture) throw new VebiError('bad-model', `${location} holds weights without a model; ${beside.advice}`)
      const { model, kerasVersion } = architecture
      const root = stated && file.kind('model_weights') === 'group' ? 'model_weights' : ''
      refuseTheano(file, root)
      const { weights, warnings } =
        root === '' && hasNumberedWeights(file) ? numberedWeights(file, model) : legacyWeights(file, root, model)
      const source = `Keras HDF5${stated ? '' : ' weights'}${kerasVersion === undefined ? '' : `, keras ${kerasVersion}`}`
      return buildKerasGraph(
        { file: location, model, weights, warnings, source, kerasVersion, keras3Warning: null },
        options,
      )
    })
  },
}

async function readWhole(location: string): Promise<Uint8Array> {
  const { size } = await stat(location).catch((error: unknown) => {
    throw new VebiError('missing-file', `${location} cannot be read: ${reasonOf(error)}.`, { cause: error })
  })
  if (size > LARGEST_FILE) {
    throw new VebiError('unsupported', `${location} is ${size} bytes large; at most ${LARGEST_FILE} can be read.`)
  }
  try {
    return await readFile(location)
  } catch (error) {
    throw new VebiError('bad-file', `${location} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

/** The description that `model.save` writes beside the weights; undefined in a file of weights alone. */
function architectureInside(file: Hdf5File): Architecture | undefined {
  const text = file.text('', 'model_config')
  if (text === undefined) return undefined
  const model = parseDescription(text, `${file.label}: its model_config`)
  if (!isObject(model)) throw new VebiError('bad-model', `${file.label}: its model_config is no object.`)
  return { model, kerasVersion: file.text('', 'keras_version') ?? undefined }
}

/** Theano turned kernels by 180 degrees, which nothing in the layers tells. */
function refuseTheano(file: Hdf5File, root: string): void {
  const backend = file.text(root, 'backend') ?? file.text('', 'backend')
  if (backend !== 'theano') return
  throw new VebiError(
    'unsupported',
    `${file.label} was written by Keras on Theano, which turns the kernels of convolutions: save it on TensorFlow.`,
  )
}

/** HDF5 starts at byte 0, or after a user block of 512 bytes, 1024 and so on. */
async function isHdf5(location: string): Promise<boolean> {
  const handle = await open(location)
  try {
    for (const position of [0, 512, 1024, 2048]) {
      const { buffer } = await handle.read(Buffer.alloc(SIGNATURE.length), 0, SIGNATURE.length, position)
      if (buffer.equals(SIGNATURE)) return true
    }
    return false
  } finally {
    await handle.close()
  }
}

