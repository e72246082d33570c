#!/usr/bin/env node
/**
 * The `vebi` command. Runs src/main/cli.ts, whose types Node strips by itself. Where the Node that was started is too
 * old for that, this file starts again under the Node 24 that `npm ci` installed.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(import.meta.url)
const onWindows = process.platform === 'win32'

// TensorFlow would report the processor's features on stderr at every start.
process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'

if (process.features.typescript) {
  if (process.channel) {
    // Started by the branch below: when that process is killed, this one must not go on alone.
    process.channel.unref()
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  }
  await import(new URL('../src/main/cli.ts', import.meta.url).href)
} else {
  const node = path.join(path.dirname(file), '..', 'node_modules', 'node', 'bin', onWindows ? 'node.exe' : 'node')
  if (!fs.existsSync(node)) {
    console.error(`Vebi needs Node 22.18 or newer, and this is ${process.version}: run "npm ci", which installs one.`)
    process.exit(1)
  }
  // A session of its own, so that Ctrl-C at the terminal reaches the child once: from here, and not from the terminal.
  const child = spawn(node, [file, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: !onWindows,
  })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (!onWindows) child.kill(signal)
    })
  }
  child.once('error', (error) => {
    console.error(`Vebi could not start ${node}: ${error.message}.`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(signal === null ? code : 128 + os.constants.signals[signal]))
}
