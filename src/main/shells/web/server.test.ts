import { request as httpRequest, type IncomingMessage } from 'node:http'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decode, encode } from '../../../shared/codec.ts'
import type { Call, Reply } from '../../../shared/contract.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { ServerMessage } from '../../../shared/web-protocol.ts'
import { discard, folderIngredients, idxIngredients, newProject, type Ingredients } from '../../testing/projects.ts'
import type { EngineProcess } from '../engine-client.ts'
import { forkEngine } from '../fork-engine.ts'
import { newToken } from './access.ts'
import { startWebServer, type WebServer } from './server.ts'

/** The browser host as a browser meets it: over HTTP, with an engine process behind it. */

const token = newToken()
const faults: unknown[] = []
const engines: EngineProcess[] = []
let page: string
let server: WebServer
let own: string
let cookie: string
const streams: (() => void)[] = []

beforeAll(async () => {
  page = await mkdtemp(join(tmpdir(), 'vebi-page-'))
  await mkdir(join(page, 'assets'))
  await writeFile(join(page, 'index.html'), 'the page')
  await writeFile(join(page, 'assets', 'a.js'), 'script')
  // The person's own recent projects stay as they are.
  process.env['VEBI_STATE'] = page
  server = await startWebServer({
    spawnEngine: () => {
      const engine = forkEngine(resolve(import.meta.dirname, '..', '..', 'engine.ts'), (text) => faults.push(text))
      engines.push(engine)
      return engine
    },
    page,
    port: 0,
    token,
    onFault: (error) => faults.push(error),
  })
  own = `http://127.0.0.1:${server.port}`
  cookie = `vebi-${server.port}=${token}`
})

afterEach(() => {
  for (const end of streams.splice(0)) end()
})

afterAll(async () => {
  await server.close()
  await rm(page, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
}

/** Not `fetch`, which sets headers such as Host by itself. */
function ask({ method = 'GET', path, headers = {}, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

const CALL = { method: 'POST', path: '/api/call' } as const
const callHeaders = (): Record<string, string> => ({
  cookie,
  origin: own,
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/octet-stream',
})
const infoCall = encode({ name: 'project.info' })

async function reply(name: string, argument?: unknown): Promise<Reply<unknown>> {
  const { status, body } = await ask({ ...CALL, headers: callHeaders(), body: encode({ name, argument }) })
  expect(status).toBe(200)
  return decode(body) as Reply<unknown>
}

const call = (async (name: string, argument?: unknown) => {
  const answer = await reply(name, argument)
  if (answer.ok) return answer.result
  throw new VebiError(answer.error.code, answer.error.sentence)
}) as Call

/** What a page hears, and a promise for the first message that fits. */
async function listen(): Promise<{
  heard: ServerMessage[]
  when: (fits: (message: ServerMessage) => boolean) => Promise<ServerMessage>
}> {
  const heard: ServerMessage[] = []
  let changed = (): void => {}
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(`${own}/api/events`, { headers: { cookie } }, (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream')
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const line of blocks.flatMap((block) => block.split('\n'))) {
          if (line.startsWith('data: ')) heard.push(JSON.parse(line.slice('data: '.length)) as ServerMessage)
        }
        changed()
      })
      resolve()
    })
    request.on('error', reject)
    request.end()
    streams.push(() => request.destroy())
  })
  const when = async (fits: (message: ServerMessage) => boolean): Promise<ServerMessage> => {
    for (;;) {
      const found = heard.find(fits)
      if (found) return found
      await new Promise<void>((resolve) => (changed = resolve))
    }
  }
  return { heard, when }
}

const isEngine = (wanted: string) => (message: ServerMessage) =>
  message.kind === 'engine' && message.state.state === wanted
const isJob = (id: number, state: string) => (message: ServerMessage) =>
  message.kind === 'event' && message.name === 'job.state' && message.payload.id === id && message.payload.state === state

describe('the door', () => {
  it('opens for the token, keeps it in a cookie that no script reads, and drops it from the address', async () => {
    const { status, headers } = await ask({ path: `/?token=${token}` })
    expect([status, headers.location]).toEqual([303, '/'])
    expect(headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`])
  })

  it('opens once for an address that others may have read', async () => {
    const path = server.addressOnce().slice(own.length)
    expect(path).not.toContain(token)
    expect((await ask({ path })).status).toBe(303)
    expect((await ask({ path })).status).toBe(401)
  })

  it.each(['wrong', '', `${token}x`])('stays shut for the token "%s"', async (given) => {
    const { status, headers } = await ask({ path: `/?token=${given}` })
    expect([status, headers['set-cookie']]).toEqual([401, undefined])
  })

  it.each(['/api/events', '/image/test/0', '/api/anything'])('%s is shut without the cookie', async (path) => {
    expect((await ask({ path })).status).toBe(401)
    expect((await ask({ path, headers: { cookie: `vebi-${server.port}=${newToken()}` } })).status).toBe(401)
  })

  it('is shut for calls without the cookie', async () => {
    const { cookie: _, ...headers } = callHeaders()
    expect((await ask({ ...CALL, headers, body: infoCall })).status).toBe(401)
  })

  it.each([
    { origin: 'http://attacker.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ])('is shut for calls from %o', async (from) => {
    expect((await ask({ ...CALL, headers: { ...callHeaders(), ...from }, body: infoCall })).status).toBe(403)
  })

  it('is shut for calls that name no origin', async () => {
    const { origin: _, ...headers } = callHeaders()
    expect((await ask({ ...CALL, headers, body: infoCall })).status).toBe(403)
  })

  it.each(['/', '/api/events', '/image/test/0', `/?token=${newToken()}`])(
    'is shut for another name of this machine: %s',
    async (path) => {
      const { status, body } = await ask({ path, headers: { host: 'attacker.example', cookie } })
      expect(status).toBe(403)
      expect(body.toString()).not.toContain('the page')
    },
  )

  it('lets a tunnel with another port on its near side through', async () => {
    const tunnel = { ...callHeaders(), host: 'localhost:9000', origin: 'http://localhost:9000' }
    expect((await ask({ ...CALL, headers: tunnel, body: infoCall })).status).toBe(200)
  })
})

describe('the page', () => {
  it('is there with its policy', async () => {
    const { status, headers, body } = await ask({ path: '/' })
    expect([status, body.toString()]).toEqual([200, 'the page'])
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect((await ask({ path: '/assets/a.js' })).headers['cache-control']).toContain('immutable')
  })

  it.each(['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json', '/absent.js'])(
    'has no file %s',
    async (path) => expect((await ask({ path })).status).toBe(404),
  )
})

describe('a call', () => {
  it('that is refused by the engine says why', async () => {
    expect(await reply('project.open', { folder: '/nonexistent' })).toMatchObject({ ok: false })
    expect(await reply('no.such')).toEqual({
      ok: false,
      error: { code: 'bad-argument', sentence: 'There is no method "no.such".' },
    })
    expect(await reply('constructor')).toMatchObject({ ok: false, error: { code: 'bad-argument' } })
  })

  it('of another type, damaged, or without a method does not reach it', async () => {
    const plain = { ...callHeaders(), 'content-type': 'text/plain' }
    expect((await ask({ ...CALL, headers: plain, body: infoCall })).status).toBe(415)
    for (const body of [new Uint8Array(), infoCall.subarray(0, 20), encode({ argument: 1 }), encode(null)]) {
      expect((await ask({ ...CALL, headers: callHeaders(), body })).status).toBe(400)
    }
  })

  it('that is too large is refused', async () => {
    const body = new Uint8Array(80 * 2 ** 20 + 1)
    // The host may end the connection before all has been sent.
    const status = await ask({ ...CALL, headers: callHeaders(), body }).then(
      (answer) => answer.status,
      () => 'ended',
    )
    expect([413, 'ended']).toContain(status)
    expect((await ask({ path: '/' })).status).toBe(200)
  })
})

describe('with a project', () => {
  let ingredients: Ingredients

  beforeAll(async () => {
    ingredients = await folderIngredients({ train: 30, test: 15 })
    await call('project.open', { folder: await newProject(ingredients, 'project') })
  })

  afterAll(async () => {
    await call('project.close')
    await discard(ingredients)
  })

  it('arrays arrive as they were sent', async () => {
    const mask = await call('images.mask', { image: 'test/3' })
    expect(mask.shape).toEqual([28, 28])
    expect(mask.data).toBeInstanceOf(Uint8Array)
    expect(mask.data).toHaveLength(28 * 28)
    expect(mask.data.some((value) => value === 1)).toBe(true)
    const picture = await call('images.picture', { image: 'test/3', view: 'displayed', maxSide: 512 })
    expect(await sharp(picture.bytes).metadata()).toMatchObject({ format: 'png', width: picture.width })
  })

  it('pictures come by the id of their image', async () => {
    const kept = await ask({ path: '/image/test/3?side=8&version=1', headers: { cookie } })
    expect(kept).toMatchObject({ status: 200, headers: { 'content-type': 'image/png' } })
    expect(kept.headers['cache-control']).toBe('private, max-age=3600')
    expect((await sharp(kept.body).metadata()).width).toBe(8)
    const missing = await ask({ path: '/image/test/99', headers: { cookie } })
    expect(missing.status).toBe(404)
    expect(JSON.parse(missing.body.toString())).toMatchObject({ sentence: expect.stringContaining('"test/99"') })
    const wrong = await ask({ path: '/image/..%2f..%2fetc%2fpasswd', headers: { cookie } })
    expect([400, 404]).toContain(wrong.status)
  })

  it('a page that connects hears how things are, and then what happens', async () => {
    const { heard, when } = await listen()
    await when((message) => message.kind === 'event')
    expect(heard[0]).toEqual({ kind: 'engine', state: { state: 'running', sentence: '' } })
    const changed = heard.find((message) => message.kind === 'event')
    expect(changed).toMatchObject({ name: 'project.changed', payload: { train: { images: 30 } } })
    const { id } = await call('jobs.start', { kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
    await when(isJob(id, 'finished'))
  })
})

describe('when the engine is killed in the middle of a job', () => {
  let ingredients: Ingredients
  let folder: string

  beforeAll(async () => {
    ingredients = await idxIngredients()
    folder = await newProject(ingredients, 'project')
  })

  afterAll(async () => {
    await call('project.close')
    await discard(ingredients)
  })

  it('it comes back with the project, and the job goes on from what is stored', async () => {
    await call('project.open', { folder })
    const page = await listen()
    const { id } = await call('jobs.start', { kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
    await page.when((message) => message.kind === 'event' && message.name === 'job.progress')
    engines.at(-1)?.kill()
    const lost = (await page.when(isEngine('restarting'))) as Extract<ServerMessage, { kind: 'engine' }>
    expect(lost.state.sentence).toContain('SIGKILL')

    expect(await call('project.info')).toMatchObject({ folder })
    await page.when(isJob(id, 'interrupted'))
    expect(server.engine.state).toEqual({ state: 'running', sentence: '' })
    expect(await call('jobs.get', { id })).toMatchObject({ state: 'interrupted' })

    const late = await listen()
    await late.when((message) => message.kind === 'event' && message.name === 'project.changed')
    await call('jobs.resume', { id })
    await page.when(isJob(id, 'finished'))
    expect(await call('extraction.result', { preset: 'paper', layers: 'All' })).toMatchObject({ images: 1100 })
    expect(engines).toHaveLength(2)
    expect(faults).toEqual([])
  })
})
