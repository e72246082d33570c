import type * as Electron from 'electron'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as channels from '../../../shared/channels.ts'
import type { HostCommand } from '../../../shared/host.ts'
import type { RecentProject } from '../../../shared/folders.ts'
import { EngineClient } from '../engine-client.ts'
import type { EngineEvent } from '../engine-messages.ts'
import { openLog } from '../log.ts'
import { userFolder } from '../../user-folder.ts'
import { createProtocolHandler } from './app-protocol.ts'
import { CLOSE_BUTTON, closeQuestion, decideClose, type Closing } from './close-policy.ts'
import { guardContents, guardSession } from './guards.ts'
import { menuTemplate } from './menu.ts'
import { addressOfLink, answerPage } from './messages.ts'
import { PAGE_ADDRESS, PRIVILEGES, SCHEME } from './origin.ts'
import { pathHandedOver, pathOfStart } from './start-path.ts'
import { startUtilityEngine } from './utility-engine.ts'
import { UtilityParsers } from './utility-parsers.ts'
import { backgroundColor, windowOptions } from './window-options.ts'
import { placeWindow, readWindowState, writeWindowState } from './window-state.ts'

export interface DesktopSetting {
  readonly electron: typeof Electron
  /** Module of the engine process. */
  readonly engineFile: string
  readonly preload: string
  /** Folder of the built page. */
  readonly page: string
}

/** The desktop window. What it decides is in the files beside; here it is only put together. */
export function startDesktop(setting: DesktopSetting): void {
  const { app, protocol } = setting.electron
  const state = process.env['VEBI_STATE']
  if (state !== undefined) app.setPath('userData', join(state, 'electron'))
  const path = pathOfStart(process.argv, app.isPackaged ? 1 : 2, process.cwd())
  if (!app.requestSingleInstanceLock({ path })) {
    app.quit()
    return
  }
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: PRIVILEGES }])
  app.enableSandbox()
  guardContents(app)
  const paths = new Paths()
  if (path !== null) paths.hand(path)
  app.on('open-file', (event, opened) => {
    event.preventDefault()
    paths.hand(opened)
  })
  app.on('window-all-closed', () => app.quit())
  void app.whenReady().then(() => openWindow(setting, paths))
}

/** Paths wait until the page listens. */
class Paths {
  private readonly waiting: string[] = []
  private receiver: ((path: string) => void) | undefined

  hand(path: string): void {
    if (this.receiver) this.receiver(path)
    else this.waiting.push(path)
  }

  receive(receiver: (path: string) => void): void {
    this.receiver = receiver
    for (const path of this.waiting.splice(0)) receiver(path)
  }
}

async function openWindow({ electron, engineFile, preload, page }: DesktopSetting, paths: Paths): Promise<void> {
  const { app, BrowserWindow, clipboard, dialog, ipcMain, Menu } = electron
  const { nativeTheme, protocol, screen, session, shell } = electron
  const development = !app.isPackaged
  const log = openLog(userFolder())
  const onFault = (error: unknown): void => {
    log.write(`${new Date().toISOString()} ${error instanceof Error ? error.stack : String(error)}\n`)
  }
  guardSession(session.defaultSession, development)

  const stateFile = join(app.getPath('userData'), 'window.json')
  const primary = screen.getPrimaryDisplay()
  const screens = [primary, ...screen.getAllDisplays().filter(({ id }) => id !== primary.id)]
  const state = placeWindow(readWindowState(stateFile), screens.map(({ workArea }) => workArea))
  const dark = (): boolean => nativeTheme.shouldUseDarkColors
  const window = new BrowserWindow(windowOptions({ preload, development, dark: dark(), state }))
  if (state.maximised) window.maximize()
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(backgroundColor(dark()))
  })
  const send = (channel: string, payload: unknown): void => {
    if (!window.isDestroyed()) window.webContents.send(channel, payload)
  }

  const parserFile = join(dirname(engineFile), 'importers', 'isolated', 'parser.js')
  const spawn = () => {
    const parsers = new UtilityParsers(electron.utilityProcess, () => new electron.MessageChannelMain(), parserFile)
    return startUtilityEngine(electron.utilityProcess, engineFile, parsers, log.write)
  }
  const engine = new EngineClient(spawn, {
    onState: (engineState) => send(channels.ENGINE_STATE, engineState),
    onEvent: (event) => {
      send(channels.eventChannel(event.name), event.payload)
      if (event.name === 'project.changed') projectChanged(event)
    },
  })
  protocol.handle(
    SCHEME,
    createProtocolHandler({ page, call: (name, argument) => engine.call(name, argument) }),
  )
  answerPage({
    ipc: ipcMain,
    engine,
    shell,
    clipboard,
    showOpenDialog: (options) => dialog.showOpenDialog(window, options),
    onPathsWanted: () => paths.receive((path) => send(channels.OPEN_PATH, path)),
    onFault,
  })

  const showMenu = (recent: readonly RecentProject[]): void => {
    const template = menuTemplate({
      platform: process.platform,
      development,
      recent,
      onCommand: (command: HostCommand) => send(channels.COMMAND, command),
      onOpen: (folder) => paths.hand(folder),
      onLink: (link) => void shell.openExternal(addressOfLink(link)!).catch(onFault),
    })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }
  async function refreshMenu(): Promise<void> {
    const reply = await engine.call('recent.list', {})
    if (reply.ok) showMenu(reply.result as readonly RecentProject[])
  }
  function projectChanged(event: Extract<EngineEvent, { name: 'project.changed' }>): void {
    if (event.payload) app.addRecentDocument(event.payload.folder)
    void refreshMenu()
  }

  app.on('second-instance', (_event, _arguments, _folder, data) => {
    if (window.isMinimized()) window.restore()
    window.focus()
    const path = pathHandedOver(data)
    if (path !== null) paths.hand(path)
  })

  let phase: Closing['phase'] = 'open'
  window.on('close', (event) => {
    const decision = decideClose({ working: engine.working, phase })
    if (decision === 'close') return
    event.preventDefault()
    if (decision === 'wait') return
    void leave(decision === 'ask').catch(onFault)
  })
  async function leave(ask: boolean): Promise<void> {
    if (ask) {
      phase = 'asking'
      const { response } = await dialog.showMessageBox(window, closeQuestion)
      if (response !== CLOSE_BUTTON) {
        phase = 'open'
        return
      }
    }
    phase = 'stopping'
    const maximised = window.isMaximized()
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximised })
    window.setTitle('VEBI Workbench: stopping ...')
    await engine.close()
    phase = 'stopped'
    window.close()
  }

  window.once('ready-to-show', () => window.show())
  showMenu([])
  void refreshMenu()
  if (!existsSync(join(page, 'index.html'))) {
    dialog.showErrorBox('VEBI Workbench', 'The page has not been built: run "npm run build".')
  }
  await window.loadURL(PAGE_ADDRESS)
}
