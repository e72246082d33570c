import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { windowOptions } from './window-options.ts'
import { FIRST_STATE, placeWindow, readWindowState, writeWindowState, type WindowState } from './window-state.ts'

const SCREEN = { x: 0, y: 25, width: 1920, height: 1055 }
const SECOND = { x: 1920, y: 0, width: 2560, height: 1440 }
const state = (x: number | null, y: number | null, width = 1000, height = 700): WindowState => ({
  x,
  y,
  width,
  height,
  maximised: false,
})

describe('the window is made', () => {
  const setting = { preload: '/out/preload/index.cjs', development: false, dark: true, state: FIRST_STATE }

  it('with a sandboxed, isolated page that has nothing of Node', () => {
    expect(windowOptions(setting).webPreferences).toEqual({
      preload: '/out/preload/index.cjs',
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
      devTools: false,
    })
  })

  it('with developer tools in development alone, which change nothing else', () => {
    const { webPreferences, ...rest } = windowOptions({ ...setting, development: true })
    expect(webPreferences).toEqual({ ...windowOptions(setting).webPreferences, devTools: true })
    expect(rest).toMatchObject({ show: false, backgroundColor: '#141414' })
  })

  it('where it was, or in the middle', () => {
    expect(windowOptions({ ...setting, state: state(5, 6) })).toMatchObject({ x: 5, y: 6, width: 1000 })
    expect(windowOptions(setting)).not.toHaveProperty('x')
  })
})

describe('placeWindow', () => {
  it.each([state(100, 100), state(-800, 25), state(1800, 900), state(2000, 0), state(4300, 1300)])(
    'leaves a window that can be taken hold of: %o',
    (each) => expect(placeWindow(each, [SCREEN, SECOND])).toEqual(each),
  )

  const lost = [[null, null], [2000, 100], [-900, 100], [100, -500], [100, 1060], [1850, 100]] as const
  it.each(lost.map(([x, y]) => state(x, y)))(
    'takes any other to the middle of the screen that is left: %o',
    (each) => expect(placeWindow(each, [SCREEN])).toEqual({ ...each, x: null, y: null }),
  )

  it('makes one that is larger than its screen smaller', () => {
    expect(placeWindow(state(0, 25, 5000, 4000), [SCREEN])).toEqual(state(0, 25, 1920, 1055))
  })

  it('works where no screen is known', () => expect(placeWindow(state(1, 2), [])).toEqual(state(null, null)))
})

describe('the file of the state', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vebi-window-'))
  const file = join(folder, 'window.json')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('keeps it', () => {
    const kept = { ...state(-5, 7), maximised: true }
    writeWindowState(file, kept)
    expect(readWindowState(file)).toEqual(kept)
  })

  it.each(['', '{', 'null', '{"x":1}', '{"x":0,"y":0,"width":1e9,"height":700,"maximised":false}'])(
    'is passed over where it is damaged: %s',
    (text) => {
      writeFileSync(file, text)
      expect(readWindowState(file)).toEqual(FIRST_STATE)
    },
  )

  it('may be missing, or not be writable', () => {
    expect(readWindowState(join(folder, 'absent.json'))).toEqual(FIRST_STATE)
    expect(() => writeWindowState(join(folder, 'absent', 'window.json'), FIRST_STATE)).not.toThrow()
  })
})
