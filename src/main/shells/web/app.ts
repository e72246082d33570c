import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import { decode, encode } from '../../../shared/codec.ts'
import type { ContractError, Reply } from '../../../shared/contract.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { IMAGE_PATH } from '../../../shared/image-address.ts'
import type { ProjectInfo } from '../../../shared/project-info.ts'
import type { JobInfo } from '../../../shared/work.ts'
import { API_CALL, API_EVENTS, CALL_TYPE, MOST_CALL_BYTES, type ServerMessage } from '../../../shared/web-protocol.ts'
import type { EngineClient } from '../engine-client.ts'
import { readPageFile } from '../page-files.ts'
import { securityHeaders } from '../page-policy.ts'
import { answerPicture } from '../pictures.ts'
import { cookieName, isOwnHost, isOwnPage, sameToken } from './access.ts'
import { snapshot, type EventHub } from './event-stream.ts'

export interface WebAppOptions {
  readonly engine: Pick<EngineClient, 'call' | 'state'>
  readonly events: EventHub
  readonly token: string
  /** Each opens the door once. */
  readonly tickets: Set<string>
  /** Folder of the built page. */
  readonly page: string
  readonly port: number
  readonly onFault: (error: unknown) => void
}

const YEAR = 31_536_000
const HOUR = 3600
/** So that neither a browser nor a tunnel takes a quiet stream for a dead one, milliseconds. */
const HEARTBEAT = 15_000
const RECONNECT = 1000

/** The browser host as a function from requests to responses; web-protocol.ts says what it answers. */
export function createWebApp(options: WebAppOptions): Hono {
  const { engine, events, token, page, port } = options
  const app = new Hono()
  const cookie = cookieName(port)

  app.use(async (context, next) => {
    if (isOwnHost(context.req.header('host'))) await next()
    else context.res = refuse(403, 'This host answers only to 127.0.0.1 and localhost.')
    for (const [name, value] of Object.entries(securityHeaders('browser'))) context.res.headers.set(name, value)
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store')
  })

  const guard: MiddlewareHandler = async (context, next) => {
    const { req } = context
    const from = {
      host: req.header('host'),
      origin: req.header('origin'),
      fetchSite: req.header('sec-fetch-site'),
    }
    if (!isOwnPage(from, req.method !== 'GET')) return refuse(403, 'Only the page of this host may ask.')
    if (!sameToken(getCookie(context, cookie) ?? '', token)) {
      return refuse(401, 'Open the address that "vebi serve" printed: this one is not known here any more.')
    }
    return next()
  }
  app.use('/api/*', guard)
  app.use(`${IMAGE_PATH}*`, guard)

  const tooLarge = `A call may have ${MOST_CALL_BYTES / 2 ** 20} MiB at most.`
  app.post(
    API_CALL,
    bodyLimit({ maxSize: MOST_CALL_BYTES, onError: () => refuse(413, tooLarge) }),
    async (context) => {
      if (context.req.header('content-type') !== CALL_TYPE) return refuse(415, `A call is ${CALL_TYPE}.`)
      let call: { name: string; argument: unknown }
      try {
        call = callIn(decode(new Uint8Array(await context.req.arrayBuffer())))
      } catch (error) {
        return refuse(400, reasonOf(error))
      }
      const reply = await engine.call(call.name, call.argument)
      return context.body(encode(reply), 200, { 'Content-Type': CALL_TYPE })
    },
  )

  app.get(API_EVENTS, (context) =>
    streamSSE(context, async (stream) => {
      const write = (message: ServerMessage): void => {
        void stream.writeSSE({ data: JSON.stringify(message), retry: RECONNECT })
      }
      // What happens while the snapshot is asked for comes after it; that the engine is being restarted cannot wait.
      const early: ServerMessage[] = []
      let tell = (message: ServerMessage): void => {
        if (message.kind === 'engine') write(message)
        else early.push(message)
      }
      const leave = events.listen((message) => tell(message))
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve))
      const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT)
      write({ kind: 'engine', state: engine.state })
      const [project, jobs] = await Promise.all([
        resultOf<ProjectInfo | null>(engine.call('project.info', {}), null),
        resultOf<readonly JobInfo[]>(engine.call('jobs.list', { limit: 200 }), []),
      ])
      for (const message of [...snapshot(engine.state, project, jobs), ...early]) write(message)
      tell = write
      await ended
      clearInterval(heartbeat)
      leave()
    }),
  )

  app.get(`${IMAGE_PATH}*`, async (context) => {
    const { pathname, searchParams } = new URL(context.req.url)
    const answer = await answerPicture(
      (name, argument) => engine.call(name, argument),
      pathname.slice(IMAGE_PATH.length),
      searchParams,
    )
    if (answer.status !== 200) return refuse(answer.status, answer.sentence)
    return context.body(Uint8Array.from(answer.picture.bytes), 200, {
      'Content-Type': answer.picture.mime,
      'Cache-Control': answer.keep ? `private, max-age=${HOUR}` : 'no-store',
    })
  })

  app.get('/', async (context, next) => {
    const given = context.req.query('token')
    if (given === undefined) return next()
    if (!options.tickets.delete(given) && !sameToken(given, token)) {
      return context.text('This address is not known here any more: open the one that "vebi serve" printed.', 401)
    }
    setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
    // The token leaves the address bar and the history's last entry.
    return context.redirect('/', 303)
  })

  app.get('*', async (context) => {
    const { pathname } = new URL(context.req.url)
    const file = await readPageFile(page, pathname)
    if (file) {
      const cache = file.hashed ? `public, max-age=${YEAR}, immutable` : 'no-cache'
      return context.body(file.bytes, 200, { 'Content-Type': file.type, 'Cache-Control': cache })
    }
    if (pathname === '/') return context.text('The page has not been built yet: run "npm run build".', 503)
    return context.text('There is nothing here.', 404)
  })

  app.onError((error) => {
    options.onFault(error)
    return refuse(500, 'Something went wrong inside the browser host; its log says more.')
  })

  return app
}

function refuse(status: number, sentence: string): Response {
  const error: ContractError = { code: status === 500 ? 'internal' : 'bad-argument', sentence }
  return Response.json(error, { status })
}

/** Throws VebiError('bad-argument'). The engine checks the name and the argument themselves. */
function callIn(message: unknown): { name: string; argument: unknown } {
  if (typeof message === 'object' && message !== null && 'name' in message && typeof message.name === 'string') {
    return { name: message.name, argument: 'argument' in message ? message.argument : undefined }
  }
  throw new VebiError('bad-argument', 'The message names no method.')
}

async function resultOf<Result>(reply: Promise<Reply<unknown>>, otherwise: Result): Promise<Result> {
  const settled = await reply
  return settled.ok ? (settled.result as Result) : otherwise
}
