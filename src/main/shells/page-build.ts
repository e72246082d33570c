import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { VebiError } from '../../shared/errors.ts'

/** Builds the page where it is missing or older than what it is made of, so that nobody looks at yesterday's. */

const SOURCES = ['src/renderer', 'src/shared', 'src/core', 'package-lock.json'] as const
const CONFIG = 'src/renderer/vite.config.ts'

export interface PageBuildOptions {
  /** Folder of the program. */
  readonly root: string
  /** Hears why the page is built. */
  readonly onNote: (sentence: string) => void
}

/**
 * The folder of the built page. Where there are no sources, as in a packaged program, it is taken as it is.
 * @throws VebiError('internal') where it cannot be built.
 */
export async function builtPage({ root, onNote }: PageBuildOptions): Promise<string> {
  const page = join(root, 'out', 'renderer')
  const builder = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  if (!existsSync(join(root, 'src', 'renderer', 'index.html')) || !existsSync(builder)) return page
  const built = await stat(join(page, 'index.html')).catch(() => undefined)
  if (built && built.mtimeMs >= (await latestChange(root))) return page
  onNote(built ? 'The page is older than its sources and is built anew.' : 'The page has not been built yet: building it.')
  // Made beside and then put in place: another host may be serving the old one.
  const fresh = join(root, 'out', `.renderer-${process.pid}`)
  const old = join(root, 'out', `.renderer-${process.pid}-old`)
  try {
    await mkdir(join(root, 'out'), { recursive: true })
    await run(process.execPath, [builder, 'build', '--config', CONFIG, '--outDir', fresh, '--emptyOutDir'], root)
    await rename(page, old).catch(() => {})
    await rename(fresh, page)
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })))
  }
  return page
}

/** Time of the last change to the sources, milliseconds. */
export async function latestChange(root: string): Promise<number> {
  let latest = 0
  for (const source of SOURCES) {
    const found = await stat(join(root, source)).catch(() => undefined)
    if (!found) continue
    latest = Math.max(latest, found.mtimeMs)
    if (!found.isDirectory()) continue
    for (const entry of await readdir(join(root, source), { recursive: true })) {
      // Something may be deleted while one looks.
      const each = await stat(join(root, source, entry)).catch(() => undefined)
      if (each && !/\.test\.ts$/.test(entry)) latest = Math.max(latest, each.mtimeMs)
    }
  }
  return latest
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined }
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], env })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      // Behind the message stands where in the builder it arose.
      else reject(new VebiError('internal', `The page cannot be built: ${said.split(/^ +at /m)[0].trim()}`))
    })
  })
}
