import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { IsolatedOpener } from './open.ts'
import type { FromParser } from './messages.ts'
import { ShellParsers, type ToShell } from './shell-parsers.ts'

/** The shell's and the reading process' part, played by hand. */
function start() {
  const asked: ToShell[] = []
  const parsers = new ShellParsers((message) => asked.push(message))
  const opener = new IsolatedOpener(() => parsers.start(), () => ({ time: 60_000, memory: 1e9 }))
  const port = Object.assign(new EventEmitter(), { start: vi.fn(), postMessage: vi.fn() })
  const answer = (message: FromParser): void => void port.emit('message', { data: message })
  return { asked, parsers, opener, port, answer }
}

test('a model is read by a process that the shell started, over the port that comes', async () => {
  const { asked, parsers, opener, port, answer } = start()
  const opened = opener.open('/missing/model.onnx')
  await vi.waitFor(() => expect(asked).toEqual([{ kind: 'start-parser', id: 1 }]))
  parsers.receive({ kind: 'parser-started', id: 1 }, [port])
  expect(port.postMessage).toHaveBeenCalledWith({ location: '/missing/model.onnx', options: {}, memory: 1e9 })
  answer({ kind: 'refused', code: 'missing-file', sentence: 'It does not exist.', memory: 1 })
  await expect(opened).rejects.toMatchObject({ code: 'missing-file', message: 'It does not exist.' })
  opener.close()
  expect(asked.at(-1)).toEqual({ kind: 'kill-parser', id: 1 })
})

test('its end is told with what it wrote last', async () => {
  const { asked, parsers, opener } = start()
  const opened = opener.open('/missing/model.onnx')
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  parsers.receive({ kind: 'parser-words', id: 1, text: 'The memory for reading a model is used up.\n' }, [])
  parsers.receive({ kind: 'parser-ended', id: 1, how: 'exit code 9' }, [])
  await expect(opened).rejects.toThrow('/missing/model.onnx takes more than 1000 MB of memory to read')
})
