import type { FigureExportResult } from '../../../shared/figures.ts'

type Files = FigureExportResult['files']

/** A file of an export beside the one of the same name that the export before wrote. */
export interface ComparedFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** `unknown`: there is no export before. */
  readonly state: 'same' | 'changed' | 'new' | 'unknown'
}

export function compareFiles(now: Files, before: Files | null): ComparedFile[] {
  const hashes = new Map(before?.map(({ name, sha256 }) => [name, sha256]))
  return now.map((file) => {
    const hash = hashes.get(file.name)
    if (before === null) return { ...file, state: 'unknown' }
    if (hash === undefined) return { ...file, state: 'new' }
    return { ...file, state: hash === file.sha256 ? 'same' : 'changed' }
  })
}

/** Whether the files came out as before; empty where there is nothing to compare with. */
export function comparisonSentence(files: readonly ComparedFile[]): string {
  const count = (state: ComparedFile['state']): number => files.filter((file) => file.state === state).length
  if (files.length === 0 || count('unknown') > 0) return ''
  const [same, changed, added] = [count('same'), count('changed'), count('new')]
  if (same === files.length) return `All ${same} files are byte for byte the same as in the export before.`
  const parts = [
    `${same} of ${files.length} files are byte for byte the same as in the export before`,
    ...(changed > 0 ? [`${changed} ${changed === 1 ? 'has' : 'have'} changed`] : []),
    ...(added > 0 ? [`${added} ${added === 1 ? 'is' : 'are'} new`] : []),
  ]
  return `${parts.join(', ')}.`
}

/** Whether two paths name one folder, as far as their texts tell. */
export function sameFolder(a: string, b: string): boolean {
  const plain = (path: string): string => path.replace(/[\\/]+$/, '')
  return plain(a) === plain(b)
}
