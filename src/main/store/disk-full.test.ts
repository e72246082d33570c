import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openProject } from './project.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'
import { canMount, mountTemporary } from './testing/mounts.ts'

const temporaryFolder = temporaryFolders()

describe.skipIf(!canMount)('a disk that fills up (needs the right to mount a file system)', () => {
  it('keeps the finished parts, says so, and lets the job go on when there is space again', () => {
    const mount = mountTemporary(temporaryFolder(), '4m')
    try {
      const folder = join(mount.folder, 'project')
      const store = openProject(folder, { mode: 'create' })
      const writer = store.artifacts.begin('responses', {})
      const job = store.jobs.add('extraction', {})
      let part = 0
      const fill = (end: number) => {
        for (; part < end; part++) writer.put(part, { x: new Float32Array(50_000).fill(part), y: Int32Array.of(part) })
      }
      expect(failureOf(() => fill(100))).toEqual({
        code: 'disk-full',
        sentence: `The disk is full: ${join(folder, 'project.sqlite')} cannot grow; what was stored before is intact.`,
      })
      expect(part).toBeGreaterThan(3)
      expect(writer.parts()).toEqual(Array.from({ length: part }, (_, index) => index))

      mount.change('size=16m')
      fill(part + 3)
      store.jobs.start(job)
      store.close()

      const reader = openProject(folder, { mode: 'read' })
      for (let index = 0; index < part; index++) {
        const { data } = reader.artifacts.read(writer.artifact, index, 'x', 'float32')
        expect(data.length === 50_000 && data.every((value) => value === index)).toBe(true)
        expect(reader.artifacts.read(writer.artifact, index, 'y', 'int32').data[0]).toBe(index)
      }
      reader.close()
    } finally {
      mount.unmount()
    }
  })

  it('is reported when a project is created or opened on it', () => {
    const mount = mountTemporary(temporaryFolder(), '3m')
    try {
      const kept = join(mount.folder, 'kept')
      openProject(kept, { mode: 'create' }).close()
      const crashed = join(mount.folder, 'crashed')
      openProject(crashed, { mode: 'create' }).close()
      const logging = new Database(join(crashed, 'project.sqlite'))
      logging.pragma('journal_mode = WAL')
      logging.close()
      const ballast = join(mount.folder, 'ballast')
      expect(() => writeFileSync(ballast, new Uint8Array(4 * 2 ** 20))).toThrow('ENOSPC')
      const fresh = join(mount.folder, 'fresh')
      expect(failureOf(() => openProject(fresh, { mode: 'create' })).code).toBe('disk-full')
      expect(existsSync(join(fresh, 'project.sqlite'))).toBe(false)
      expect(failureOf(() => openProject(kept, { mode: 'open' })).code).toBe('disk-full')
      // Here it is the shared memory that finds no space, which SQLite reports as an input/output error.
      expect(failureOf(() => openProject(crashed, { mode: 'open' })).code).toBe('disk-full')
      expect(failureOf(() => openProject(crashed, { mode: 'read' })).code).toBe('disk-full')
      writeFileSync(ballast, '')
      openProject(kept, { mode: 'open' }).close()
      openProject(crashed, { mode: 'open' }).close()
      openProject(fresh, { mode: 'create' }).close()
    } finally {
      mount.unmount()
    }
  })
})
