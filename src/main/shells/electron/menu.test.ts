import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { SCREENS } from '../../../shared/host.ts'
import { menuTemplate, type MenuSetting } from './menu.ts'

const recent = (folder: string, exists = true) => ({ folder, exists, openedAt: 0 })

function menuOf(setting: Partial<MenuSetting> = {}): { items: MenuItemConstructorOptions[]; told: string[] } {
  const told: string[] = []
  const template = menuTemplate({
    platform: 'linux',
    development: false,
    recent: [],
    onCommand: (command) => told.push(command),
    onOpen: (folder) => told.push(`open ${folder}`),
    onLink: (link) => told.push(`link ${link}`),
    ...setting,
  })
  const flatten = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])])
  return { items: flatten(template), told }
}

function click(item: MenuItemConstructorOptions | undefined): void {
  // The template's own handlers take no argument.
  ;(item?.click as (() => void) | undefined)?.()
}

describe('the menu', () => {
  it('has every command and every screen once, and each does what it says', () => {
    const { items, told } = menuOf()
    for (const item of items) click(item)
    expect(told.sort()).toEqual(
      [
        'new-project',
        'open-project',
        'close-project',
        'cancel-job',
        'toggle-theme',
        'show-shortcuts',
        'link paper',
        'link tensorflow',
        ...SCREENS.map((screen) => `screen:${screen}`),
      ].sort(),
    )
  })

  it('shows the keys of the page, each once, and leaves hearing them to the page', () => {
    const keyed = menuOf().items.filter(({ accelerator }) => accelerator !== undefined)
    expect(keyed.every(({ registerAccelerator }) => registerAccelerator === false)).toBe(true)
    const keys = keyed.map(({ accelerator }) => accelerator)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyed.find(({ label }) => label === 'Model')?.accelerator).toBe('CmdOrCtrl+2')
    expect(keyed.find(({ label }) => label === 'Figures')?.accelerator).toBe('CmdOrCtrl+9')
  })

  it('lists the recent projects that are still there', () => {
    const { items, told } = menuOf({ recent: [recent('/data/a & b'), recent('/data/gone', false)] })
    click(items.find(({ label }) => label === '/data/a && b'))
    expect(told).toEqual(['open /data/a & b'])
    expect(items.some(({ label }) => label?.includes('gone'))).toBe(false)
    expect(menuOf().items.find(({ label }) => label === 'Open Recent')).toMatchObject({ enabled: false })
  })

  it('has developer tools in development alone', () => {
    const has = (development: boolean): boolean =>
      menuOf({ development }).items.some(({ role }) => role === 'toggleDevTools')
    expect([has(true), has(false)]).toEqual([true, false])
  })

  it('begins with the menu of the program on a Mac', () => {
    expect(menuOf({ platform: 'darwin' }).items[0]).toEqual({ role: 'appMenu' })
    expect(menuOf({ platform: 'darwin' }).items.some(({ role }) => role === 'quit')).toBe(false)
  })
})
