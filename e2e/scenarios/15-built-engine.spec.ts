import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '../support/test.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

type Answer =
  | { readonly kind: 'ready' | 'event' }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: { readonly ok: boolean; readonly result: unknown } }

/** An engine process, started as a shell without Electron starts it. */
function startEngine(file: string) {
  let said = ''
  let calls = 0
  const child = fork(file, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const next = (isIt: (answer: Answer) => boolean): Promise<Answer> =>
    new Promise((found, refuse) => {
      const listen = (answer: Answer): void => {
        if (!isIt(answer)) return
        child.off('message', listen)
        found(answer)
      }
      child.on('message', listen)
      child.once('exit', (code) => refuse(new Error(`The engine ended with exit code ${code}: ${said}`)))
    })
  return {
    ready: next(({ kind }) => kind === 'ready'),
    call: async (name: string, argument: unknown): Promise<unknown> => {
      const id = ++calls
      const answered = next((answer) => answer.kind === 'reply' && answer.id === id)
      child.send({ kind: 'call', id, name, argument })
      const answer = await answered
      if (answer.kind !== 'reply' || !answer.reply.ok) throw new Error(JSON.stringify(answer))
      return answer.reply.result
    },
    close: async (): Promise<unknown> => {
      const ended = once(child, 'exit')
      child.send({ kind: 'close' })
      return (await ended)[0]
    },
  }
}

// What a packaged program runs is not the sources but what is built from them.
test('the engine that is built for the desktop opens a model and a project as the one from source does', async ({
  finished,
  hostKind,
}) => {
  test.skip(hostKind !== 'browser', 'it needs no window: once is enough')
  test.setTimeout(240_000)
  const builder = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  await promisify(execFile)(process.execPath, [builder, 'build'], { cwd: ROOT, timeout: 120_000 })
  const model = join(finished, '..', 'models', 'single-6c')
  const answers = []
  for (const file of [join(ROOT, 'out', 'main', 'engine.js'), join(ROOT, 'src', 'main', 'engine.ts')]) {
    const engine = startEngine(file)
    await engine.ready
    answers.push({
      model: await engine.call('model.inspect', { path: model }),
      project: await engine.call('project.open', { folder: finished }),
      engine: await engine.call('engine.info', {}),
      predictions: await engine.call('predictions.ranked', { image: 'test/0', limit: 6 }),
    })
    expect(await engine.close()).toBe(0)
  }
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]).toMatchObject({ project: { folder: finished } })
})
