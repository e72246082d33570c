import { describe, expect, it } from 'vitest'
import { SCREENS } from '../../shared/host.ts'
import { keysOf, matches, SHORTCUTS } from './shortcuts.ts'

const NOTHING = { key: '', code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

describe('matches', () => {
  it.each([
    [{ key: 'Digit3' }, { key: '3', code: 'Digit3', ctrlKey: true }, true],
    // What a Mac types with Alt.
    [{ key: 'Digit3' }, { key: '#', code: 'Digit3', altKey: true }, true],
    [{ key: 'Digit3' }, { key: '3', code: 'Digit3' }, false],
    // AltGr is both.
    [{ key: 'Digit3' }, { key: '³', code: 'Digit3', ctrlKey: true, altKey: true }, false],
    [{ key: 'Digit3' }, { key: '#', code: 'Digit3', ctrlKey: true, shiftKey: true }, false],
    [{ key: 'KeyT', shift: true }, { key: 'T', code: 'KeyT', metaKey: true, shiftKey: true }, true],
    [{ key: '?', plain: true }, { key: '?', code: 'Slash', shiftKey: true }, true],
    [{ key: '?', plain: true }, { key: '?', code: 'Slash', shiftKey: true, ctrlKey: true }, false],
  ])('%j with %j: %s', (shortcut, event, expected) => {
    expect(matches(shortcut, { ...NOTHING, ...event })).toBe(expected)
  })
})

describe('the shortcuts of the page', () => {
  it('give every screen a key, and no key twice', () => {
    const keys = SHORTCUTS.map(({ shortcut }) => keysOf(shortcut, 'Alt').join(' '))
    expect(new Set(keys).size).toBe(keys.length)
    const screens = ['start', 'new-project', ...SCREENS]
    expect(SHORTCUTS.map(({ command }) => command)).toEqual(
      expect.arrayContaining(screens.map((screen) => `screen:${screen}`)),
    )
  })

  it('are written as the keys of the window that shows them', () => {
    expect(keysOf({ key: 'KeyT', shift: true }, 'Ctrl')).toEqual(['Ctrl', 'Shift', 'T'])
    expect(keysOf({ key: 'Digit1' }, 'Alt')).toEqual(['Alt', '1'])
    expect(keysOf({ key: '?', plain: true }, 'Cmd')).toEqual(['?'])
  })
})
