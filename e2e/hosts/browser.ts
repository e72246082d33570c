import type { Browser } from '@playwright/test'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { StartOptions, Workbench } from './workbench.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

/** Time in which the host must have answered or ended; the first start may build the page. Milliseconds. */
const START_TIME = 90_000
const STOP_TIME = 35_000

interface Host {
  readonly child: ChildProcess
  readonly address: string
  /** Of the host itself, whose child is the engine. */
  readonly pid: number
  /** What it has said on stderr. */
  readonly said: () => string
}

/** The browser host on a port that is free, and a page of its own in Chromium. */
export async function startInBrowser(
  browser: Browser,
  state: string,
  { project, environment }: StartOptions,
): Promise<Workbench> {
  const host = await startHost(state, project, environment)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(host.address)
  return {
    kind: 'browser',
    page,
    state,
    enginePid: async () => (await childrenOf(host.pid))[0],
    close: async () => {
      await context.close()
      await stop(host)
    },
  }
}

async function startHost(
  state: string,
  project: string | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Host> {
  const args = [join(ROOT, 'bin', 'vebi.mjs'), 'serve', ...(project === undefined ? [] : [project]), '--json']
  const child = spawn(process.execPath, args, {
    cwd: state,
    env: { ...process.env, VEBI_STATE: state, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let error = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
  const serving = await new Promise<{ address: string; pid: number }>((answer, refuse) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      refuse(new Error(`The browser host does not answer: ${error}`))
    }, START_TIME)
    child.once('exit', (code) => {
      clearTimeout(timer)
      refuse(new Error(`The browser host ended with exit code ${code}: ${error}`))
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const whole = parsed(out)
      if (whole === undefined) return
      clearTimeout(timer)
      answer(whole)
    })
  })
  return { child, ...serving, said: () => error }
}

/** Undefined until all of the document has come. */
function parsed(text: string): { address: string; pid: number } | undefined {
  try {
    return JSON.parse(text) as { address: string; pid: number }
  } catch {
    return undefined
  }
}

async function stop({ child, pid }: Host): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((ended) => child.once('exit', ended))
  process.kill(pid, 'SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIME)
  await gone
  clearTimeout(timer)
}

/** Processes that a process has started, by `ps`, which Linux and macOS have. */
async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid ? [child] : []))
}
