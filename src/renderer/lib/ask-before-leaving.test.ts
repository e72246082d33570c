import { expect, it } from 'vitest'
import { askBeforeLeaving } from './ask-before-leaving.ts'

it('asks while there is work and not otherwise, until it is ended', () => {
  const window = new EventTarget()
  let working = false
  const end = askBeforeLeaving(window, () => working)
  /** Whether the browser would ask. */
  const leave = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  expect(leave()).toBe(false)
  working = true
  expect(leave()).toBe(true)
  end()
  expect(leave()).toBe(false)
})
