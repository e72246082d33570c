import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A log that has grown beyond this is set aside at the next start, bytes. */
const MOST_BYTES = 5 * 2 ** 20

export interface Log {
  readonly file: string
  readonly write: (text: string) => void
}

/** Of what the engine and its shell have to say about faults; kept over starts, since a crash is looked up later. */
export function openLog(folder: string): Log {
  const file = join(folder, 'engine.log')
  try {
    mkdirSync(folder, { recursive: true })
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(file, `${file}.1`)
  } catch {
    // Without a log the program still works.
  }
  return {
    file,
    write: (text) => {
      try {
        appendFileSync(file, text)
      } catch {
        // As above.
      }
    },
  }
}
