import envPaths from 'env-paths'

/** Where this user's recent projects and demo are kept; `VEBI_STATE` puts them elsewhere. */
export function userFolder(): string {
  return process.env['VEBI_STATE'] ?? envPaths('vebi-workbench', { suffix: '' }).data
}
