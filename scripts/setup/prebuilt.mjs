/** Native TensorFlow as tfjs-node's own install script downloads it. */
import fs from 'node:fs'
import path from 'node:path'
import { failureLine, prebuiltHost } from './plan.mjs'
import { isReachable, publishFolder, reportGrowth, runProgram } from './system.mjs'

/** @typedef {import('./native.mjs').Place} Place */

const CONNECTION_SECONDS = 5

/**
 * Runs the install script in a copy of the package, so that a download which breaks off leaves nothing behind.
 * @param {Place} place
 * @returns {Promise<{ folders: Record<string, string> }>} Path in the tfjs-node package to the folder for it.
 * @throws {Error} whose message is one clause: what is missing.
 */
export async function fromPrebuilt(place) {
  const { root, cache, temporary, log } = place
  const { version } = JSON.parse(fs.readFileSync(path.join(place.tfjsNode, 'package.json'), 'utf8'))
  const kept = path.join(cache, `tfjs-node-${version}-${process.platform}-${process.arch}`)
  if (place.force && fs.existsSync(kept)) fs.renameSync(kept, path.join(temporary, 'replaced-prebuilt'))
  if (!fs.existsSync(kept)) {
    const address = prebuiltHost(process.env)
    if (address !== null && !(await isReachable(address, CONNECTION_SECONDS))) {
      throw new Error(`${address.host}, which has the prebuilt library of tfjs-node, is not reachable`)
    }
    log('downloading the prebuilt library of tfjs-node ...')
    const copy = place.copyPackage('prebuilt')
    const answer = await reportGrowth(path.join(copy, 'deps'), log, () =>
      runProgram(process.execPath, ['scripts/install.js'], {
        cwd: copy,
        env: {
          NODE_PATH: path.join(root, 'node_modules'),
          PATH: [path.join(root, 'node_modules', '.bin'), process.env['PATH']].join(path.delimiter),
        },
        seconds: 1800,
      }),
    )
    const folders = ['deps', 'lib'].filter((name) => fs.existsSync(path.join(copy, name)))
    if (!answer.ok || folders.length < 2) {
      throw new Error(`tfjs-node's own installation failed (${failureLine(answer.output)})`)
    }
    const gathered = path.join(temporary, 'prebuilt-result')
    fs.mkdirSync(gathered)
    for (const name of folders) fs.renameSync(path.join(copy, name), path.join(gathered, name))
    publishFolder(gathered, kept)
  }
  return { folders: { deps: path.join(kept, 'deps'), lib: path.join(kept, 'lib') } }
}
