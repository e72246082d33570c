import type { ArtifactInfo } from '../../../shared/project-info.ts'

/** What is kept of a project, by kind. */
export interface StoredGroup {
  readonly kind: string
  readonly title: string
  /** The work that makes it again; empty where it is not known. */
  readonly again: string
  readonly items: readonly ArtifactInfo[]
  readonly bytes: number
  /** Items whose job was not finished. */
  readonly unfinished: number
}

const KINDS: Readonly<Record<string, { readonly title: string; readonly again: string }>> = {
  responses: { title: 'Channel responses', again: 'Extraction, the longest step' },
  statistics: { title: 'Sufficient statistics', again: 'Extraction, from the responses' },
  'layer-statistics': { title: 'Layer statistics', again: 'This screen, from the responses' },
  selection: { title: 'Selected features', again: 'Feature selection' },
  predictions: { title: 'Predictions', again: 'Predictions' },
  ablation: { title: 'Ablation curves', again: 'Ablation' },
  average: { title: 'Average images', again: 'Average images' },
  explanation: { title: 'Explanations', again: 'Explanations' },
  'folder-explanation': { title: 'Explanations of folders', again: 'Explanation of the folder' },
  evaluation: { title: 'Evaluations', again: 'Evaluation' },
  check: { title: 'Checks', again: 'The check, on the screen Evaluate' },
  'validation-overlap': { title: 'Overlap on validation images', again: 'The check “Overlap with masks”' },
}

/** Largest first. */
export function groupStored(artifacts: readonly ArtifactInfo[]): StoredGroup[] {
  const byKind = Map.groupBy(artifacts, ({ kind }) => kind)
  const groups = [...byKind].map(([kind, items]): StoredGroup => {
    const { title, again } = KINDS[kind] ?? { title: kind, again: '' }
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
    return { kind, title, again, items, bytes, unfinished: items.filter(({ complete }) => !complete).length }
  })
  return groups.sort((a, b) => b.bytes - a.bytes)
}

/** A line of the list: a kind, or one of its results below it. */
export type StoredRow =
  | { readonly type: 'group'; readonly group: StoredGroup; readonly open: boolean }
  | { readonly type: 'item'; readonly item: ArtifactInfo }

/** Items come latest first below the groups that are open. */
export function storedRows(groups: readonly StoredGroup[], open: ReadonlySet<string>): StoredRow[] {
  return groups.flatMap((group): StoredRow[] => {
    const isOpen = open.has(group.kind)
    const head: StoredRow = { type: 'group', group, open: isOpen }
    if (!isOpen) return [head]
    return [head, ...[...group.items].reverse().map((item): StoredRow => ({ type: 'item', item }))]
  })
}

export function rowKey(row: StoredRow): string {
  return row.type === 'group' ? `kind:${row.group.kind}` : `id:${row.item.id}`
}

/** How much of a group is chosen. */
export function chosenOf(group: StoredGroup, chosen: ReadonlySet<number>): 'none' | 'some' | 'all' {
  const count = group.items.reduce((sum, { id }) => sum + Number(chosen.has(id)), 0)
  return count === 0 ? 'none' : count === group.items.length ? 'all' : 'some'
}

export function bytesOf(artifacts: readonly ArtifactInfo[], chosen: ReadonlySet<number>): number {
  return artifacts.reduce((sum, { id, bytes }) => sum + (chosen.has(id) ? bytes : 0), 0)
}
