/**
 * A program that the crash tests kill: writes parts of three arrays into a project until it dies.
 * Arguments: folder, `loop` | `torn` | `hold`. Prints one line for each part that `put` has returned from.
 */
import { openProject } from '../index.ts'

const [folder = '', mode] = process.argv.slice(2)
const store = openProject(folder, { mode: 'open' })
store.jobs.start(store.jobs.add('extraction', {}))
console.log('open')

if (mode === 'hold') setInterval(() => undefined, 1000)
else {
  const writer = store.artifacts.begin('responses', { images: 'a' })
  for (let part = writer.parts().length; ; part++) {
    const filled = (length: number) => new Float32Array(length).fill(part)
    const arrays = {
      first: filled(300_000),
      get second(): Float32Array {
        if (mode === 'torn' && part === 2) process.kill(process.pid, 'SIGKILL')
        return filled(100_000)
      },
      third: new Int32Array(7).fill(part),
    }
    // More than SQLite's page cache, so that the torn part reaches the disk before the process dies.
    if (mode === 'torn' && part === 2) arrays.first = filled(8_000_000)
    writer.put(part, arrays, { part })
    console.log(part)
  }
}
