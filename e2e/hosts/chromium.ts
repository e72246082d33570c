import { chromium } from '@playwright/test'
import { existsSync } from 'node:fs'

/** Without a sandbox, since CI runs as root; without whatever would speak to other machines. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
] as const

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** `VEBI_CHROMIUM`, else that of the system, else Playwright's own; undefined where there is none. */
export function chromiumProgram(): string | undefined {
  const chosen = process.env['VEBI_CHROMIUM']
  if (chosen !== undefined) return chosen
  return [...USUAL_PLACES, chromium.executablePath()].find((path) => existsSync(path))
}

export const NO_CHROMIUM =
  'There is no Chromium here: install it (apt-get install chromium), or name its program in VEBI_CHROMIUM.'
