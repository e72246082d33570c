/**
 * Puts back packages that npm left out. npm before version 11 does not read `allowScripts` and runs the install
 * scripts of tfjs-node (a download) and better-sqlite3 (a compilation, although the package has prebuilt binaries).
 * Where these fail, npm only leaves the two out, because they are listed as optional; so it does with better-sqlite3
 * when it runs on a Node older than 22. Both work without their scripts, under the Node that Vebi runs on.
 * Never fails an installation.
 */
import fs from 'node:fs'
import path from 'node:path'
import { failureLine } from './plan.mjs'
import { runProgram } from './system.mjs'

const root = path.resolve(import.meta.dirname, '..', '..')
/** @type {{ optionalDependencies: Record<string, string> }} */
const { optionalDependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const missing = Object.keys(optionalDependencies).filter(
  (name) => !fs.existsSync(path.join(root, 'node_modules', name, 'package.json')),
)
const npm = process.env['npm_execpath']
const leftOut = (process.env['npm_config_omit'] ?? '').includes('optional')
if (missing.length > 0 && npm && !leftOut) {
  console.log(`vebi setup: installing ${missing.join(' and ')} without install scripts ...`)
  const parameters = [npm, 'install', '--no-save', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  const answer = await runProgram(process.execPath, parameters, { cwd: root, seconds: 900 })
  if (!answer.ok) {
    console.log(`vebi setup: ${missing.join(' and ')} could not be installed (${failureLine(answer.output)}).`)
  }
}
