import { describe, expect, it } from 'vitest'
import { CLOSE_BUTTON, closeQuestion, decideClose } from './close-policy.ts'
import { pathHandedOver, pathOfStart } from './start-path.ts'

describe('closing the window', () => {
  it.each([
    [false, 'open', 'stop'],
    [true, 'open', 'ask'],
    [true, 'asking', 'wait'],
    [false, 'asking', 'wait'],
    [true, 'stopping', 'wait'],
    [false, 'stopped', 'close'],
    [true, 'stopped', 'close'],
  ] as const)('while work is %s and it is %s means %s', (working, phase, decision) => {
    expect(decideClose({ working, phase })).toBe(decision)
  })

  it('stays open by the Escape and the Return key', () => {
    expect([closeQuestion.cancelId, closeQuestion.defaultId]).toEqual([0, 0])
    expect(closeQuestion.buttons[CLOSE_BUTTON]).toBe('Stop and close')
  })
})

describe('the path of a start', () => {
  it.each([
    [['/opt/vebi'], 1, null],
    [['/opt/vebi', '/data/p'], 1, '/data/p'],
    [['/opt/vebi', 'p'], 1, '/home/me/p'],
    [['/opt/vebi', '--allow-file-access', 'p/../q'], 1, '/home/me/q'],
    [['electron', '/opt/vebi'], 2, null],
    [['electron', '/opt/vebi', 'p'], 2, '/home/me/p'],
  ])('%o', (args, own, path) => expect(pathOfStart(args, own, '/home/me')).toBe(path))

  it('of a second start is taken over', () => {
    expect(pathHandedOver({ path: '/data/p' })).toBe('/data/p')
    expect(pathHandedOver({ path: null })).toBeNull()
  })

  it.each([undefined, null, 'text', {}, { path: 3 }, { path: '' }, { path: 'x'.repeat(5000) }])(
    'is nothing where the second start hands over %o',
    (data) => expect(pathHandedOver(data)).toBeNull(),
  )
})
