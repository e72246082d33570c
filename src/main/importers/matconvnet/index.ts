import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Graph } from '../../../shared/graph.ts'
import { reasonOf } from '../../../shared/errors.ts'
import type { Importer, OpenOptions } from '../importer.ts'
import { withMatlabFile } from '../matlab/file.ts'
import { buildMatConvNetGraph } from './build.ts'
import { readNetwork, refusalByNames } from './network.ts'

/** A network of MatConvNet (SimpleNN or DagNN) in a MAT-file, as its model zoo and its training programs write it. */
export const matConvNetImporter: Importer = {
  name: 'MatConvNet model',

  async match(location) {
    const info = await stat(location).catch(() => undefined)
    return info?.isFile() === true && path.extname(location).toLowerCase() === '.mat'
  },

  async glance(location) {
    try {
      return await withMatlabFile(location, async ({ names }) => refusalByNames(location, names))
    } catch (error) {
      return reasonOf(error)
    }
  },

  async open(location, options: OpenOptions = {}): Promise<Graph> {
    const network = await withMatlabFile(location, (file) => readNetwork(location, file))
    return buildMatConvNetGraph(location, network, options)
  },
}
