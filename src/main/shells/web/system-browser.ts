import { spawn } from 'node:child_process'

/** Whether somebody sits at a screen of this machine, as far as can be known. */
function hasDisplay(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): boolean {
  return platform !== 'linux' || Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])
}

/** The program that opens an address in the browser of the user's choice. */
function browserCommand(platform: NodeJS.Platform, address: string): readonly [string, ...string[]] {
  switch (platform) {
    case 'darwin':
      return ['open', address]
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler', address]
    default:
      return ['xdg-open', address]
  }
}

/** False where there is no display. */
export function openInBrowser(address: string): boolean {
  if (!hasDisplay(process.platform, process.env)) return false
  const [command, ...args] = browserCommand(process.platform, address)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  // The address is printed anyway.
  child.once('error', () => {})
  child.unref()
  return true
}
