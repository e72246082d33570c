import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Mount {
  readonly folder: string
  /** Mounts again with another option, such as `ro` or `size=8m`. */
  change(option: string): void
  unmount(): void
}

/** A file system of limited size in memory. Needs the rights of root on Linux. */
export function mountTemporary(folder: string, size: string): Mount {
  const run = (command: string, ...words: string[]) => {
    const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  }
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  return {
    folder,
    change: (option) => run('mount', '-o', `remount,${option}`, folder),
    unmount: () => run('umount', folder),
  }
}

/** Whether this process may mount; tests that need it are skipped otherwise. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && probe()

function probe(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vebi-mount-'))
  try {
    mountTemporary(folder, '64k').unmount()
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
