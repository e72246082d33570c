import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

// bin/vebi.mjs in a clone in miniature, with a command line that reports how it was started.
const CLI = `
const [what, ...rest] = process.argv.slice(2) as string[]
if (what === 'count') process.on('SIGINT', () => { console.log('interrupted'); setTimeout(() => process.exit(7), 500) })
if (what === 'count' || what === 'wait') setTimeout(() => process.exit(1), 20_000)
else process.exitCode = Number(what)
console.log(JSON.stringify({ rest, quiet: process.env['TF_CPP_MIN_LOG_LEVEL'], child: process.channel !== undefined }))
`
// What an older Node looks like from inside: it does not strip types.
const OLD = '--no-experimental-strip-types'
const EXECUTABLE = process.platform === 'win32' ? 'node.exe' : 'node'

let clone: string
let vebi: string

beforeAll(() => {
  clone = fs.mkdtempSync(path.join(os.tmpdir(), 'vebi-command-'))
  vebi = path.join(clone, 'bin', 'vebi.mjs')
  for (const folder of ['bin', 'src/main', 'node_modules/node/bin']) {
    fs.mkdirSync(path.join(clone, folder), { recursive: true })
  }
  fs.copyFileSync(path.join(import.meta.dirname, '..', '..', 'bin', 'vebi.mjs'), vebi)
  fs.writeFileSync(path.join(clone, 'package.json'), '{ "type": "module" }')
  fs.writeFileSync(path.join(clone, 'src', 'main', 'cli.ts'), CLI)
  fs.symlinkSync(process.execPath, path.join(clone, 'node_modules', 'node', 'bin', EXECUTABLE))
})

afterAll(() => fs.rmSync(clone, { recursive: true, force: true }))

it.each([
  ['itself under a new Node', [], false],
  ['the installed Node under an old one', [OLD], true],
])('runs the command line in %s, with its arguments and exit code', (_, flags, child) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, vebi, '3', 'a b', '--json'], {
    encoding: 'utf8',
  })
  expect(JSON.parse(stdout)).toEqual({ rest: ['a b', '--json'], quiet: '2', child })
  expect(stderr).toBe('')
  expect(status).toBe(3)
})

it('says what to do where there is no newer Node', () => {
  const node = path.join(clone, 'node_modules', 'node')
  fs.renameSync(node, `${node}-away`)
  const { status, stderr } = spawnSync(process.execPath, [OLD, vebi], { encoding: 'utf8' })
  fs.renameSync(`${node}-away`, node)
  expect(stderr).toMatch(/^Vebi needs Node 22\.18 or newer, and this is v\S+: run "npm ci", which installs one\.\n$/)
  expect(status).toBe(1)
})

/** Starts `vebi` and signals it, or its whole group as a terminal does, as soon as the command line runs. */
function interrupt(what: string, signal: NodeJS.Signals, toGroup: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const parent = spawn(process.execPath, [OLD, vebi, what], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    parent.stdout.setEncoding('utf8').on('data', (text: string) => {
      const first = output === ''
      output += text
      if (!first || parent.pid === undefined) return
      // Held up, `vebi` passes on so late that two signals cannot arrive as one.
      if (toGroup) process.kill(parent.pid, 'SIGSTOP')
      process.kill(toGroup ? -parent.pid : parent.pid, signal)
      if (toGroup) setTimeout((id) => process.kill(id, 'SIGCONT'), 150, parent.pid)
    })
    parent.once('close', (code) => resolve({ code: code ?? -1, output }))
  })
}

const onWindows = process.platform === 'win32'

it.skipIf(onWindows).each([
  ['the process', false],
  ['its group, as Ctrl-C at a terminal does', true],
])('passes an interrupt on exactly once when it is sent to %s (no signals on Windows)', async (_, toGroup) => {
  const { code, output } = await interrupt('count', 'SIGINT', toGroup)
  expect(output.match(/interrupted/g)).toHaveLength(1)
  expect(code).toBe(7)
})

it.skipIf(onWindows)('ends like the command line when a signal ends that (no signals on Windows)', async () => {
  const { code } = await interrupt('wait', 'SIGTERM', false)
  expect(code).toBe(128 + os.constants.signals.SIGTERM)
})

it.skipIf(onWindows)('leaves no command line running when it is killed (no signals on Windows)', async () => {
  // `close` comes only when nobody holds the output any more, the command line included.
  const start = Date.now()
  await interrupt('wait', 'SIGKILL', false)
  expect(Date.now() - start).toBeLessThan(10_000)
})
