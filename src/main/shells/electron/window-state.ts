import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/** Where the window was, in screen coordinates; `x` and `y` null: in the middle. */
export interface WindowState {
  readonly x: number | null
  readonly y: number | null
  readonly width: number
  readonly height: number
  readonly maximised: boolean
}

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const FIRST_STATE: WindowState = { x: null, y: null, width: 1440, height: 900, maximised: false }

/** So much of the window must be on a screen to take hold of it, pixels. */
const GRIP_WIDTH = 120
const GRIP_HEIGHT = 40

/**
 * The state on the screens that there are now: a window that would lie on none of them comes to the middle of the
 * first, one larger than its screen is made smaller.
 *
 * @param screens Work areas, the primary first.
 */
export function placeWindow(state: WindowState, screens: readonly Area[]): WindowState {
  const { x, y } = state
  const screen = screens.find((area) => {
    if (x === null || y === null) return false
    const seenWidth = Math.min(x + state.width, area.x + area.width) - Math.max(x, area.x)
    // It is held by its top edge.
    return seenWidth >= GRIP_WIDTH && y >= area.y && y + GRIP_HEIGHT <= area.y + area.height
  })
  const home = screen ?? screens.at(0)
  if (!home) return { ...state, x: null, y: null }
  const width = Math.min(state.width, home.width)
  const height = Math.min(state.height, home.height)
  if (!screen || x === null || y === null) return { ...state, x: null, y: null, width, height }
  return { ...state, width, height }
}

const length = z.int().min(100).max(100_000)
const place = z.int().min(-100_000).max(100_000).nullable()
const schema = z.object({ x: place, y: place, width: length, height: length, maximised: z.boolean() })

/** The state in the file; the first one where there is none or it is damaged. */
export function readWindowState(file: string): WindowState {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return FIRST_STATE
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, `${JSON.stringify(state)}\n`)
  } catch {
    // The window is then where it was the time before.
  }
}
