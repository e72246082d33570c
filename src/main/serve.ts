import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { VebiError } from '../shared/errors.ts'
import { forkEngine } from './shells/fork-engine.ts'
import { openLog } from './shells/log.ts'
import { builtPage } from './shells/page-build.ts'
import { isToken, newToken } from './shells/web/access.ts'
import { openInBrowser } from './shells/web/system-browser.ts'
import { startWebServer } from './shells/web/server.ts'
import { userFolder } from './user-folder.ts'

/** Entry of the browser host: the page in a browser, against an engine process on this machine. */

export interface ServeOptions {
  /** Folder of a project to begin with. */
  readonly project: string | undefined
  /** 0: any that is free. */
  readonly port: number
  readonly open: boolean
  readonly onNote: (sentence: string) => void
}

export interface Serving {
  readonly address: string
  readonly port: number
  /** Of faults. */
  readonly log: string
  /** Stops a running job within a batch. */
  readonly close: () => Promise<void>
}

const ROOT = resolve(import.meta.dirname, '..', '..')

/** Throws VebiError where the port is taken or the project cannot be opened. */
export async function serve({ project, port, open, onNote }: ServeOptions): Promise<Serving> {
  const token = chosenToken() ?? newToken()
  const log = openLog(userFolder())
  const server = await startWebServer({
    spawnEngine: () => forkEngine(resolve(import.meta.dirname, 'engine.ts'), (text) => report(text)),
    page: await chosenPage(onNote),
    port,
    token,
    onFault: (error) => report(`${error instanceof Error ? error.stack : String(error)}\n`),
  })
  function report(text: string): void {
    log.write(text)
    process.stderr.write(text)
  }
  try {
    if (project !== undefined) {
      const opened = await server.engine.call('project.open', { folder: resolve(project) })
      if (!opened.ok) throw new VebiError(opened.error.code, opened.error.sentence)
    }
  } catch (error) {
    await server.close()
    throw error
  }
  if (open && !openInBrowser(server.addressOnce())) onNote('No browser could be opened here: open the address by hand.')
  return { address: server.address, port: server.port, log: log.file, close: () => server.close() }
}

/** `VEBI_TOKEN`, for development and scripts. */
function chosenToken(): string | undefined {
  const token = process.env['VEBI_TOKEN']
  if (token === undefined || isToken(token)) return token
  throw new VebiError('bad-argument', 'VEBI_TOKEN must be 22 to 200 of the signs A-Z, a-z, 0-9, - and _.')
}

/** `VEBI_RENDERER` is a folder with a built page, served as it is. */
async function chosenPage(onNote: (sentence: string) => void): Promise<string> {
  const folder = process.env['VEBI_RENDERER']
  if (folder === undefined) return builtPage({ root: ROOT, onNote })
  if (existsSync(resolve(folder, 'index.html'))) return resolve(folder)
  throw new VebiError('missing-file', `VEBI_RENDERER: ${folder} holds no index.html.`)
}
