import { describe, expect, it } from 'vitest'
import { compareFiles, comparisonSentence, sameFolder } from './export-comparison.ts'

const file = (name: string, sha256: string) => ({ name, sha256, bytes: 10 })

describe('compareFiles', () => {
  it('tells what came out as before', () => {
    const before = [file('a.svg', '1'), file('b.svg', '2'), file('gone.svg', '9')]
    const now = [file('a.svg', '1'), file('b.svg', '3'), file('c.svg', '4')]
    const compared = compareFiles(now, before)
    expect(compared.map(({ state }) => state)).toEqual(['same', 'changed', 'new'])
    expect(comparisonSentence(compared)).toBe(
      '1 of 3 files are byte for byte the same as in the export before, 1 has changed, 1 is new.',
    )
  })

  it('says so when all are the same', () => {
    const files = [file('a.svg', '1'), file('manifest.json', '2')]
    expect(comparisonSentence(compareFiles(files, files))).toBe(
      'All 2 files are byte for byte the same as in the export before.',
    )
  })

  it('claims nothing without an export before', () => {
    const compared = compareFiles([file('a.svg', '1')], null)
    expect(compared[0]?.state).toBe('unknown')
    expect(comparisonSentence(compared)).toBe('')
    expect(comparisonSentence([])).toBe('')
  })
})

it('takes a folder with and without its last slash for one', () => {
  expect(sameFolder('/a/b/', '/a/b')).toBe(true)
  expect(sameFolder('/', '/')).toBe(true)
  expect(sameFolder('/a/b', '/a/c')).toBe(false)
})
