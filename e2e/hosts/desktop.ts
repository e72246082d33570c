import { _electron } from '@playwright/test'
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { decideStart } from '../../scripts/start/decision.mjs'
import { electronOf } from '../../scripts/start/electron.mjs'
import type { StartOptions, Workbench } from './workbench.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

/** Why there is no desktop window here, one sentence; undefined where there can be one. */
export function whyNoDesktop(): string | undefined {
  const installed = electronOf(ROOT) !== undefined
  const failure = installed ? {} : { failure: 'its program is not installed; npm start fetches it' }
  const decision = decideStart({
    platform: process.platform,
    environment: process.env,
    root: process.getuid?.() === 0,
    installed,
    ...failure,
  })
  return decision.open === 'desktop' ? undefined : decision.because
}

let built: Promise<void> | undefined

/** The desktop window with an engine and a profile of its own. */
export async function startOnDesktop(
  state: string,
  { project, environment }: StartOptions,
): Promise<Workbench> {
  await (built ??= build())
  const application = await _electron.launch({
    executablePath: electronOf(ROOT)!,
    args: [ROOT, ...(project === undefined ? [] : [project])],
    cwd: state,
    env: { ...definedEnvironment(), VEBI_STATE: state, ...environment },
  })
  const page = await application.firstWindow()
  await page.setViewportSize({ width: 1440, height: 900 })
  return {
    kind: 'desktop',
    page,
    state,
    enginePid: () =>
      application.evaluate(({ app }) => app.getAppMetrics().find(({ serviceName }) => serviceName === ENGINE)?.pid),
    close: () => application.close(),
  }
}

/** What Electron calls a utility process that runs Node. */
const ENGINE = 'node.mojom.NodeService'

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

function build(): Promise<void> {
  const builder = resolve(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  return new Promise((done, refuse) => {
    const child = spawn(process.execPath, [builder, 'build', '--logLevel', 'warn'], { cwd: ROOT, stdio: 'inherit' })
    child.once('error', refuse)
    child.once('exit', (code) => (code === 0 ? done() : refuse(new Error(`The window cannot be built (${code}).`))))
  })
}
