import { identifyPath, listFolderEntries } from '../jobs/files.ts'
import type { HandlersOf } from './types.ts'

export function fileHandlers(): HandlersOf<'files'> {
  return {
    'files.list': ({ folder }) => listFolderEntries(folder),
    'files.identify': ({ path }) => identifyPath(path),
  }
}
