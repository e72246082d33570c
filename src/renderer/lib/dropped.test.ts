import { describe, expect, it } from 'vitest'
import { planDrop, type Dropped } from './dropped.ts'

const file = (name: string): Dropped => ({ file: new File([], name), isFolder: false, names: [] })
const folder = (name: string, names: readonly string[]): Dropped => ({ ...file(name), isFolder: true, names })
const nowhere = (): null => null

describe('a drop', () => {
  it('of images alone has them explained, whether paths are told or not', () => {
    const images = [file('a.PNG'), file('b.jpeg'), file('c.webp')]
    for (const pathOf of [nowhere, () => '/somewhere']) {
      expect(planDrop(images, pathOf)).toEqual({ kind: 'explain', files: images.map((each) => each.file) })
    }
  })

  it('of anything else is what its path leads to', () => {
    const pathOf = ({ name }: File): string => `/data/${name}`
    expect(planDrop([file('model.keras'), file('a.png')], pathOf)).toEqual({ kind: 'path', path: '/data/model.keras' })
    expect(planDrop([folder('holiday.png', [])], pathOf)).toEqual({ kind: 'path', path: '/data/holiday.png' })
  })

  it.each([
    [file('model.json'), 'ingredient'],
    [file('project.sqlite'), 'project'],
    [folder('flowers', ['notes.txt', 'project.sqlite']), 'project'],
    [folder('train', ['0-red', '1-blue']), 'ingredient'],
    [folder('project.sqlite', []), 'ingredient'],
  ] as const)('without a path is to be chosen by hand: %o as %s', (dropped, what) => {
    expect(planDrop([dropped], nowhere)).toEqual({ kind: 'choose', name: dropped.file.name, what })
  })

  it('of nothing is nothing', () => expect(planDrop([], nowhere)).toBeNull())
})
