import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { EngineClient, type EngineProcess } from '../engine-client.ts'
import { newToken } from './access.ts'
import { createWebApp } from './app.ts'
import { EventHub } from './event-stream.ts'

export interface WebServerOptions {
  readonly spawnEngine: () => EngineProcess
  /** Folder of the built page. */
  readonly page: string
  /** 0: any that is free. */
  readonly port: number
  readonly token: string
  readonly onFault: (error: unknown) => void
}

export interface WebServer {
  readonly engine: EngineClient
  readonly port: number
  /** Where the page is, with the token that opens it. */
  readonly address: string
  /** The same with a token that works once, for the command line of another program, which everyone here can read. */
  readonly addressOnce: () => string
  /** Stops the engine within a batch. */
  readonly close: () => Promise<void>
}

const OWN_ADDRESS = '127.0.0.1'

/** Starts engine and browser host. Throws VebiError('busy') where the port is taken. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { token, page, onFault } = options
  const tickets = new Set<string>()
  const events = new EventHub()
  const server = createAdaptorServer({
    fetch: (request: Request) => app.fetch(request),
    // Cookies and addresses of our own are short.
    serverOptions: { maxHeaderSize: 16_384 },
  }) as Server
  const port = await listen(server, options.port)
  const engine = new EngineClient(options.spawnEngine, {
    onEvent: (event) => events.tell(event),
    onState: (state) => events.tell({ kind: 'engine', state }),
  })
  const app = createWebApp({ engine, events, token, tickets, page, port, onFault })
  const addressWith = (key: string): string => `http://${OWN_ADDRESS}:${port}/?token=${key}`
  return {
    engine,
    port,
    address: addressWith(token),
    addressOnce: () => {
      const ticket = newToken()
      tickets.add(ticket)
      return addressWith(ticket)
    },
    close: async () => {
      await engine.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const sentence =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is taken by another program: give another with --port.`
          : `Port ${port} cannot be used: ${reasonOf(error)}.`
      reject(new VebiError('busy', sentence))
    })
    server.listen(port, OWN_ADDRESS, () => resolve((server.address() as AddressInfo).port))
  })
}
