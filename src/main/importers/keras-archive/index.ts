import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Graph } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { buildKerasGraph } from '../keras/build.ts'
import { isObject } from '../keras/config.ts'
import { parseDescription } from '../keras/description.ts'
import { numberedWeights } from '../keras/numbered-weights.ts'
import { readMembers } from './zip.ts'

const DESCRIPTION = 'config.json'
const WEIGHTS = 'model.weights.h5'
const METADATA = 'metadata.json'

/** What each member may hold unpacked, in bytes. */
const MEMBERS = { [DESCRIPTION]: 64 * 1024 * 1024, [WEIGHTS]: 2 ** 31 - 1, [METADATA]: 1024 * 1024 }

/** Archives of Keras 3 and of tf.keras 2.12 and later (`model.save('x.keras')`): a zip of description and weights. */
export const kerasArchiveImporter: Importer = {
  name: 'Keras model archive',

  async match(location) {
    const info = await stat(location).catch(() => undefined)
    return info?.isFile() === true && path.extname(location).toLowerCase() === '.keras'
  },

  async glance(location) {
    return (await isZip(location).catch(() => false)) ? null : `${location} is no zip archive, so no Keras model archive.`
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const members = await readMembers(location, MEMBERS)
    const model = jsonOf(members, DESCRIPTION, location)
    if (!isObject(model)) throw new VebiError('bad-model', `${location} has no "${DESCRIPTION}" that describes a model.`)
    const metadata = jsonOf(members, METADATA, location)
    const version = isObject(metadata) ? metadata['keras_version'] : undefined
    const kerasVersion = typeof version === 'string' ? version : undefined
    const weightBytes = members.get(WEIGHTS)
    if (!weightBytes) throw new VebiError('bad-model', `${location} has no member "${WEIGHTS}".`)
    const { withHdf5File } = await import('../hdf5/file.ts')
    return withHdf5File(weightBytes, `${location}: ${WEIGHTS}`, (file) => {
      const { weights, warnings } = numberedWeights(file, model)
      const source = `Keras archive${kerasVersion === undefined ? '' : `, keras ${kerasVersion}`}`
      return buildKerasGraph(
        { file: location, model, weights, warnings, source, kerasVersion, keras3Warning: null },
        options,
      )
    })
  },
}

function jsonOf(members: ReadonlyMap<string, Uint8Array>, name: string, location: string): unknown {
  const bytes = members.get(name)
  return bytes && parseDescription(new TextDecoder().decode(bytes), `${location}: its member "${name}"`)
}

async function isZip(location: string): Promise<boolean> {
  const handle = await open(location)
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.toString('latin1') === 'PK\x03\x04'
  } finally {
    await handle.close()
  }
}
