import { describe, expect, it } from 'vitest'
import { openProject } from './project.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()

const image = (digit: number) => ({
  hash: digit.toString(16).repeat(64),
  name: `größe ${digit}.png`,
  height: 10 + digit,
  width: 20,
})

describe('added images', () => {
  it('are kept with their bytes, latest first, the same content once', () => {
    const folder = temporaryFolder()
    const store = openProject(folder, { mode: 'create' })
    const first = store.addedImages.add(image(1), Uint8Array.of(0, 255, 1))
    const second = store.addedImages.add(image(2), Uint8Array.of(7))
    expect([first.id, second.id]).toEqual([1, 2])
    expect(store.addedImages.add({ ...image(1), name: 'again.png' }, Uint8Array.of(0, 255, 1))).toEqual(first)
    store.close()
    const reader = openProject(folder, { mode: 'read' })
    expect(reader.addedImages.list()).toEqual([second, first])
    expect(reader.addedImages.get(1)).toEqual({ ...image(1), id: 1, addedAt: first.addedAt })
    expect(reader.addedImages.find(image(2).hash)).toEqual(second)
    expect(Uint8Array.from(reader.addedImages.bytes(1)!)).toEqual(Uint8Array.of(0, 255, 1))
    expect([reader.addedImages.get(3), reader.addedImages.find('x'), reader.addedImages.bytes(3)]).toEqual(
      [undefined, undefined, undefined])
    reader.close()
  })

  it('are removed, and their numbers are not given again', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    for (const digit of [1, 2, 3]) store.addedImages.add(image(digit), Uint8Array.of(digit))
    store.addedImages.remove([2, 3, 99])
    expect(store.addedImages.list().map(({ id }) => id)).toEqual([1])
    expect(store.addedImages.add(image(3), Uint8Array.of(3)).id).toBe(4)
    store.close()
  })
})
