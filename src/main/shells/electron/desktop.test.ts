import type * as Electron from 'electron'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi, type Mock } from 'vitest'
import * as channels from '../../../shared/channels.ts'
import type { FromEngine, ToEngine } from '../engine-messages.ts'
import { engineEvent } from '../testing/engine-event.ts'
import { startDesktop } from './desktop.ts'
import { PAGE_ADDRESS } from './origin.ts'

/** The desktop shell put together with stand-ins for Electron's objects: what it registers, and how it closes. */

const folder = mkdtempSync(join(tmpdir(), 'vebi-desktop-'))
const page = join(folder, 'page')
process.env['VEBI_STATE'] = folder
afterAll(() => rmSync(folder, { recursive: true, force: true }))

class FakeEngine extends EventEmitter {
  readonly stderr = null
  readonly received: ToEngine[] = []
  postMessage(message: ToEngine): void {
    this.received.push(message)
    if (message.kind === 'close') queueMicrotask(() => this.emit('exit', 0))
  }
  say(message: FromEngine): void {
    this.emit('message', message)
  }
  kill(): void {
    this.emit('exit', 9)
  }
}

class FakeWindow extends EventEmitter {
  readonly webContents = { send: vi.fn((_channel: string, _payload: unknown) => {}) }
  destroyed = false
  readonly loadURL = vi.fn(() => Promise.resolve())
  readonly show = vi.fn()
  readonly focus = vi.fn()
  readonly restore = vi.fn()
  readonly maximize = vi.fn()
  readonly setTitle = vi.fn()
  readonly setBackgroundColor = vi.fn()
  isDestroyed = (): boolean => this.destroyed
  isMinimized = (): boolean => true
  isMaximized = (): boolean => false
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 })
  close(): void {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    this.destroyed = !prevented
  }
}

type Handler = (...args: unknown[]) => unknown
type FakeApp = Readonly<
  Record<'requestSingleInstanceLock' | 'quit' | 'enableSandbox' | 'addRecentDocument', Mock>
>

interface Fakes {
  readonly app: EventEmitter & FakeApp
  readonly engines: FakeEngine[]
  readonly windows: FakeWindow[]
  readonly handlers: Map<string, Handler>
  readonly showMessageBox: ReturnType<typeof vi.fn>
  readonly protocol: { handle: ReturnType<typeof vi.fn>; registerSchemesAsPrivileged: ReturnType<typeof vi.fn> }
}

async function start(first = true): Promise<Fakes> {
  const engines: FakeEngine[] = []
  const windows: FakeWindow[] = []
  const handlers = new Map<string, Handler>()
  const register = (channel: string, handler: Handler): void => void handlers.set(channel, handler)
  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    setPath: vi.fn(),
    getPath: () => folder,
    requestSingleInstanceLock: vi.fn(() => first),
    quit: vi.fn(),
    enableSandbox: vi.fn(),
    addRecentDocument: vi.fn(),
    whenReady: () => Promise.resolve(),
  })
  const showMessageBox = vi.fn(() => Promise.resolve({ response: 0 }))
  const protocol = { handle: vi.fn(), registerSchemesAsPrivileged: vi.fn() }
  const session = Object.fromEntries(
    ['PermissionRequestHandler', 'PermissionCheckHandler', 'DevicePermissionHandler', 'DisplayMediaRequestHandler']
      .map((name) => [`set${name}`, vi.fn()])
      .concat([['setSpellCheckerEnabled', vi.fn()], ['on', vi.fn()]]),
  ) as Record<string, unknown>
  const electron = {
    app,
    protocol,
    session: { defaultSession: { ...session, webRequest: { onBeforeRequest: vi.fn() } } },
    screen: {
      getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }),
      getAllDisplays: () => [],
    },
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: false }),
    dialog: { showMessageBox, showOpenDialog: vi.fn(), showErrorBox: vi.fn() },
    ipcMain: { handle: register, on: register },
    Menu: { setApplicationMenu: vi.fn(), buildFromTemplate: vi.fn() },
    shell: { openExternal: vi.fn() },
    clipboard: { writeText: vi.fn() },
    utilityProcess: {
      fork: () => {
        const engine = new FakeEngine()
        engines.push(engine)
        return engine
      },
    },
    BrowserWindow: class extends FakeWindow {
      constructor() {
        super()
        windows.push(this)
      }
    },
  } as unknown as typeof Electron
  startDesktop({ electron, engineFile: '/out/main/engine.js', preload: '/out/preload/index.cjs', page })
  await settle()
  return { app, engines, windows, handlers, showMessageBox, protocol }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const running = engineEvent('job.state', { id: 1, state: 'running' } as never)

describe('the first start', () => {
  let fakes: Fakes
  let window: FakeWindow
  let engine: FakeEngine

  beforeEach(async () => {
    process.argv = ['/opt/vebi', '/data/first']
    fakes = await start()
    ;[window] = fakes.windows
    ;[engine] = fakes.engines
    engine.say({ kind: 'ready' })
    await settle()
  })

  it('loads the page from our own scheme, in a sandbox', () => {
    expect(window.loadURL).toHaveBeenCalledExactlyOnceWith(PAGE_ADDRESS)
    expect(fakes.protocol.registerSchemesAsPrivileged).toHaveBeenCalledOnce()
    expect(fakes.protocol.handle).toHaveBeenCalledExactlyOnceWith('vebi', expect.any(Function))
    expect(fakes.app.enableSandbox).toHaveBeenCalledOnce()
  })

  it('hands its path to the page when that listens, and that of a second start at once', () => {
    const paths = (): unknown[] =>
      window.webContents.send.mock.calls.flatMap(([channel, path]) => (channel === channels.OPEN_PATH ? [path] : []))
    expect(paths()).toEqual([])
    fakes.handlers.get(channels.OPEN_PATH_READY)?.({ senderFrame: { url: PAGE_ADDRESS, parent: null } })
    expect(paths()).toEqual(['/data/first'])
    fakes.app.emit('second-instance', {}, [], '/', { path: '/data/second' })
    expect(paths()).toEqual(['/data/first', '/data/second'])
    expect(window.focus).toHaveBeenCalledOnce()
    expect(window.restore).toHaveBeenCalledOnce()
  })

  it('tells the page what the engine tells, and the system of projects', () => {
    const opened = engineEvent('project.changed', { folder: '/data/p' } as never)
    engine.say(opened)
    expect(window.webContents.send).toHaveBeenCalledWith(channels.eventChannel('project.changed'), opened.payload)
    expect(fakes.app.addRecentDocument).toHaveBeenCalledExactlyOnceWith('/data/p')
  })

  it('closes without a question where nothing runs, and keeps its place', async () => {
    window.close()
    expect(window.destroyed).toBe(false)
    await settle()
    expect(engine.received.at(-1)).toEqual({ kind: 'close' })
    expect([window.destroyed, fakes.showMessageBox.mock.calls.length]).toEqual([true, 0])
    expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toMatchObject({ x: 10, y: 20, width: 1000 })
  })

  it('asks while a job runs, goes on where the answer is no, and stops it where it is yes', async () => {
    engine.say(running)
    window.close()
    window.close()
    await settle()
    expect(fakes.showMessageBox).toHaveBeenCalledOnce()
    expect([window.destroyed, engine.received.some(({ kind }) => kind === 'close')]).toEqual([false, false])
    fakes.showMessageBox.mockResolvedValue({ response: 1 })
    window.close()
    window.close()
    await settle()
    expect(fakes.showMessageBox).toHaveBeenCalledTimes(2)
    expect([window.destroyed, engine.received.at(-1)]).toEqual([true, { kind: 'close' }])
  })

  it('starts an engine anew that has crashed', async () => {
    engine.emit('exit', 139)
    await settle()
    expect(fakes.engines).toHaveLength(2)
    expect(window.webContents.send).toHaveBeenCalledWith(
      channels.ENGINE_STATE,
      expect.objectContaining({ state: 'restarting' }),
    )
  })
})

it('a second start hands over its path and makes no window', async () => {
  process.argv = ['/opt/vebi', '/data/second']
  const { app, windows } = await start(false)
  expect(app.requestSingleInstanceLock).toHaveBeenCalledExactlyOnceWith({ path: '/data/second' })
  expect(app.quit).toHaveBeenCalledOnce()
  expect(windows).toEqual([])
})
