import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import type { ArtifactInfo } from '../../../shared/project-info.ts'
import { bytesOf, chosenOf, groupStored, rowKey, storedRows } from './stored-results.ts'

function artifact(id: number, kind: string, bytes: number, complete = true): ArtifactInfo {
  return { id, kind, key: String(id), complete, bytes, createdAt: id }
}

const artifacts = [
  artifact(1, 'statistics', 10),
  artifact(2, 'average', 30),
  artifact(3, 'average', 40, false),
  artifact(4, 'new-kind', 20),
]
const groups = groupStored(artifacts)

it('puts results of a kind together, the largest first', () => {
  expect(groups.map(({ kind, title, bytes, unfinished }) => ({ kind, title, bytes, unfinished }))).toEqual([
    { kind: 'average', title: 'Average images', bytes: 70, unfinished: 1 },
    { kind: 'new-kind', title: 'new-kind', bytes: 20, unfinished: 0 },
    { kind: 'statistics', title: 'Sufficient statistics', bytes: 10, unfinished: 0 },
  ])
})

it('has a title for every kind that the engine keeps, and says what makes it again', () => {
  const jobs = resolve(import.meta.dirname, '../../../main/jobs')
  const sources = globSync('**/*.ts', { cwd: jobs }).map((name) => readFileSync(resolve(jobs, name), 'utf8'))
  const kinds = new Set(sources.flatMap((text) => [...text.matchAll(/artifacts\s*\.begin\('([\w-]+)'/g)].map(([, kind]) => kind)))
  expect(kinds).toContain('responses')
  expect(kinds.size).toBeGreaterThan(10)
  const named = groupStored([...kinds].map((kind, i) => artifact(i, kind, 1)))
  expect(named.filter(({ kind, title, again }) => title === kind || again === '').map(({ kind }) => kind)).toEqual([])
})

it('shows the items of an open kind below it, latest first', () => {
  expect(storedRows(groups, new Set(['average'])).map(rowKey)).toEqual([
    'kind:average',
    'id:3',
    'id:2',
    'kind:new-kind',
    'kind:statistics',
  ])
  expect(storedRows(groups, new Set())).toHaveLength(3)
})

it('tells how much of a kind is chosen, and its size', () => {
  const [averages] = groups
  const state = (...ids: number[]): string => (averages ? chosenOf(averages, new Set(ids)) : '')
  expect([state(), state(2), state(2, 3), state(1)]).toEqual(['none', 'some', 'all', 'none'])
  expect(bytesOf(artifacts, new Set([2, 4]))).toBe(50)
})
