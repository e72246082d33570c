import type { MessageChannelMain, UtilityProcess } from 'electron'
import { EventEmitter } from 'node:events'
import { expect, it, vi } from 'vitest'
import type { FromEngine } from '../engine-messages.ts'
import { startUtilityEngine } from './utility-engine.ts'
import { UtilityParsers } from './utility-parsers.ts'

class FakeProcess extends EventEmitter {
  readonly stderr = new EventEmitter()
  readonly postMessage = vi.fn()
  readonly kill = vi.fn()
}

function start(): { processes: FakeProcess[]; heard: FromEngine[] } {
  const processes: FakeProcess[] = []
  const utility = {
    fork: () => {
      processes.push(new FakeProcess())
      return processes.at(-1) as unknown as UtilityProcess
    },
  }
  const newChannel = () => ({ port1: 'to engine', port2: 'to parser' }) as unknown as MessageChannelMain
  const heard: FromEngine[] = []
  const parsers = new UtilityParsers(utility, newChannel, 'parser.js')
  startUtilityEngine(utility, 'engine.js', parsers, () => {}).onMessage((message) => heard.push(message))
  return { processes, heard }
}

it('starts a process that reads a model and connects it with the engine by a port', () => {
  const { processes, heard } = start()
  processes[0].emit('message', { kind: 'start-parser', id: 5 })
  expect(processes).toHaveLength(2)
  expect(processes[1].postMessage).toHaveBeenCalledWith(null, ['to engine'])
  expect(processes[0].postMessage).toHaveBeenCalledWith({ kind: 'parser-started', id: 5 }, ['to parser'])
  processes[0].emit('message', { kind: 'ready' })
  expect(heard).toEqual([{ kind: 'ready' }])
})

it('tells the engine what it wrote last, and then its end', async () => {
  const { processes } = start()
  processes[0].emit('message', { kind: 'start-parser', id: 1 })
  processes[1].emit('exit', 9)
  processes[1].stderr.emit('data', 'no memory')
  await vi.waitFor(() => expect(processes[0].postMessage).toHaveBeenCalledTimes(3))
  expect(processes[0].postMessage.mock.calls.slice(1)).toEqual([
    [{ kind: 'parser-words', id: 1, text: 'no memory' }],
    [{ kind: 'parser-ended', id: 1, how: 'exit code 9' }],
  ])
})

it('ends it when the engine asks, and when the engine has ended', () => {
  const { processes } = start()
  for (const id of [1, 2]) processes[0].emit('message', { kind: 'start-parser', id })
  processes[0].emit('message', { kind: 'kill-parser', id: 1 })
  expect(processes.map(({ kill }) => kill.mock.calls.length)).toEqual([0, 1, 0])
  processes[0].emit('exit', 1)
  expect(processes[2].kill).toHaveBeenCalledOnce()
})
