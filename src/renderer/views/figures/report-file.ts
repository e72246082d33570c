/** Path of the report in a folder of the machine that the engine runs on, whatever its system. */
export function reportFile(folder: string): string {
  const path = folder.trim()
  if (/[\\/]$/.test(path)) return `${path}report.html`
  return `${path}${path.includes('\\') && !path.includes('/') ? '\\' : '/'}report.html`
}
