import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and what is missing above it, one after the other: Node's own way with `recursive` never returns
 * below /proc, where nothing can be made.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) mkdirSync(folder)
  const missing: string[] = []
  for (let level = resolve(folder); !existsSync(level); level = dirname(level)) missing.push(level)
  for (const level of missing.reverse()) {
    try {
      mkdirSync(level)
    } catch (error) {
      // Another process may have been quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
