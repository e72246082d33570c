import type { BrowserWindowConstructorOptions } from 'electron'
import type { WindowState } from './window-state.ts'

const LEAST_WIDTH = 900
const LEAST_HEIGHT = 600

export interface WindowSetting {
  /** File of the preload. */
  readonly preload: string
  readonly development: boolean
  readonly dark: boolean
  readonly state: WindowState
}

/** How the window is made. The page is sandboxed and has nothing of Node; Electron's security list asks for each. */
export function windowOptions({ preload, development, dark, state }: WindowSetting): BrowserWindowConstructorOptions {
  const { x, y, width, height } = state
  return {
    width,
    height,
    ...(x === null || y === null ? {} : { x, y }),
    minWidth: LEAST_WIDTH,
    minHeight: LEAST_HEIGHT,
    title: 'VEBI Workbench',
    // Shown when there is something to see, in the colour of the page until then.
    show: false,
    backgroundColor: backgroundColor(dark),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: development,
    },
  }
}

export function backgroundColor(dark: boolean): string {
  return dark ? '#141414' : '#ffffff'
}
