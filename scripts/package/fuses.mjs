#!/usr/bin/env node
/**
 * Sets the fuses of a packaged program: `node scripts/package/fuses.mjs PROGRAM`, after packaging and before signing.
 * The engine runs in a utility process, which needs no `RunAsNode`.
 */
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { pathToFileURL } from 'node:url'

export const FUSES = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
}

/**
 * @param {string} program Electron's program within the package.
 * @returns {Promise<number>} How many fuses were set.
 */
export function setFuses(program) {
  return flipFuses(program, { version: FuseVersion.V1, ...FUSES })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const program = process.argv[2]
  if (program === undefined) {
    console.error('Usage: node scripts/package/fuses.mjs PROGRAM')
    process.exit(1)
  }
  console.log(`${await setFuses(program)} fuses are set in ${program}.`)
}
