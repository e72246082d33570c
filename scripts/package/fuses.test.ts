import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setFuses } from './fuses.mjs'

/** What stands before the fuses in Electron's program (electron/docs/tutorial/fuses.md). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const COUNT = 8
const [OFF, ON] = ['0', '1'].map((sign) => sign.charCodeAt(0))

let folder: string

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vebi-fuses-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

it.each(['0', '1'])('every fuse of a program whose fuses are all %s is set as the security list asks', async (sign) => {
  const program = join(folder, `program-${sign}`)
  const wire = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, COUNT]), Buffer.from(sign.repeat(COUNT))])
  await writeFile(program, Buffer.concat([Buffer.alloc(100), wire, Buffer.alloc(100)]))
  await setFuses(program)
  expect(await getCurrentFuseWire(program)).toMatchObject({
    [FuseV1Options.RunAsNode]: OFF,
    [FuseV1Options.EnableCookieEncryption]: ON,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: OFF,
    [FuseV1Options.EnableNodeCliInspectArguments]: OFF,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ON,
    [FuseV1Options.OnlyLoadAppFromAsar]: ON,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: OFF,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: OFF,
  })
})
