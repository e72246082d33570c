import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMount, mountTemporary } from '../store/testing/mounts.ts'
import { stageFiles } from './staging.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vebi-staging-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('shows files only when they are published, and replaces those of the same name', async () => {
  writeFileSync(join(folder, 'a.svg'), 'old')
  const staged = await stageFiles(folder)
  await staged.write('a.svg', bytes('new'))
  await staged.write('b.svg', bytes('more'))
  expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('old')
  await staged.publish()
  await staged.discard()
  expect(readdirSync(folder).sort()).toEqual(['a.svg', 'b.svg'])
  expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('new')
})

it('leaves nothing behind when it is discarded', async () => {
  const staged = await stageFiles(join(folder, 'new'))
  await staged.write('a.svg', bytes('new'))
  await staged.discard()
  expect(readdirSync(join(folder, 'new'))).toEqual([])
})

it('names the file whose place is taken by a folder', async () => {
  mkdirSync(join(folder, 'a.svg', 'full'), { recursive: true })
  const staged = await stageFiles(folder)
  await staged.write('a.svg', bytes('new'))
  await expect(staged.publish()).rejects.toThrow(
    `${join(folder, 'a.svg')} cannot be written: there is a folder of that name.`,
  )
  await staged.discard()
})

describe.skipIf(!canMount)('a disk that cannot take the files (needs the right to mount a file system)', () => {
  it('is full: says so and leaves what was there', async () => {
    const mount = mountTemporary(folder, '64k')
    try {
      writeFileSync(join(folder, 'a.svg'), 'old')
      const staged = await stageFiles(folder)
      await staged.write('a.svg', bytes('new'))
      const place = join(folder, 'b.png')
      await expect(staged.write('b.png', new Uint8Array(200_000))).rejects.toMatchObject({
        code: 'disk-full',
        message: `${place} cannot be written: the disk is full.`,
      })
      await staged.discard()
      expect(readdirSync(folder)).toEqual(['a.svg'])
      expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('old')
    } finally {
      mount.unmount()
    }
  })

  it('is read-only: says so', async () => {
    const mount = mountTemporary(folder, '64k')
    try {
      mount.change('ro')
      await expect(stageFiles(folder)).rejects.toThrow(`${folder} cannot be written: the disk is read-only.`)
    } finally {
      mount.unmount()
    }
  })
})
