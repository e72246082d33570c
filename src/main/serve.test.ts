import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decode, encode } from '../shared/codec.ts'
import { discard, idxIngredients, jobsOf, newProject, type Ingredients } from './testing/projects.ts'

/** `vebi serve` as it is typed. */

const VEBI = resolve(import.meta.dirname, '..', '..', 'bin', 'vebi.mjs')
const TOKEN = 'a-token-for-this-test-0123456789'
let page: string
let ingredients: Ingredients

beforeAll(async () => {
  page = await mkdtemp(join(tmpdir(), 'vebi-page-'))
  await writeFile(join(page, 'index.html'), 'the page')
  ingredients = await idxIngredients()
})

afterAll(async () => {
  await rm(page, { recursive: true, force: true })
  await discard(ingredients)
})

function vebi(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, VEBI_STATE: page, VEBI_RENDERER: page, ...environment }
  // A group of its own, as a terminal makes one: Ctrl-C there reaches every process of it.
  return spawn(process.execPath, [VEBI, 'serve', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, stdout, stderr }
}

async function document(child: ChildProcess): Promise<{ address: string; port: number }> {
  let text = ''
  for await (const part of child.stdout!) {
    text += String(part)
    if (text.endsWith('}\n')) break
  }
  return JSON.parse(text) as { address: string; port: number }
}

it('prints its address, and stops within a batch at Ctrl-C, leaving a job that can be resumed', async () => {
  const folder = await newProject(ingredients, 'project')
  const child = vebi([folder, '--json'], { VEBI_TOKEN: TOKEN })
  const ended = new Promise((done) => child.once('close', done))
  const { address, port } = await document(child)
  expect(address).toBe(`http://127.0.0.1:${port}/?token=${TOKEN}`)
  expect(await (await fetch(address)).text()).toBe('the page')

  const origin = new URL(address).origin
  const headers = { cookie: `vebi-${port}=${TOKEN}`, origin, 'content-type': 'application/octet-stream' }
  const call = async (name: string, argument: unknown = {}): Promise<unknown> => {
    const response = await fetch(`${origin}/api/call`, { method: 'POST', headers, body: encode({ name, argument }) })
    return decode(new Uint8Array(await response.arrayBuffer()))
  }
  expect(await call('project.info')).toMatchObject({ ok: true, result: { folder } })
  await call('jobs.start', { kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
  for (;;) {
    const jobs = (await call('jobs.list')) as { result: { state: string }[] }
    if (jobs.result[0].state === 'running') break
  }
  process.kill(-child.pid!, 'SIGINT')
  expect(await ended).toBe(0)
  // The database was closed by the engine, not left behind by one that died.
  expect((await readdir(folder)).filter((name) => name.endsWith('-wal'))).toEqual([])
  expect(jobsOf(folder)).toMatchObject([{ kind: 'extraction', state: 'running' }])
})

it.each([
  [['/nonexistent'], {}, '/nonexistent'],
  [['--port', '65536'], {}, 'from 0 to 65535'],
  [[], { VEBI_TOKEN: 'short' }, 'VEBI_TOKEN'],
  [[], { VEBI_RENDERER: '/nonexistent' }, 'VEBI_RENDERER'],
])('refuses %o with %o in a sentence', async (args, environment, reason) => {
  const { code, stdout, stderr } = await outcome(vebi(args, environment))
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(reason)
  expect(stderr).not.toMatch(/^ +at /m)
})

it('refuses a port that is taken', async () => {
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as AddressInfo
  const { code, stderr } = await outcome(vebi(['--port', String(port)]))
  other.close()
  expect(code).toBe(1)
  expect(stderr).toBe(`vebi: Port ${port} is taken by another program: give another with --port.\n`)
})
