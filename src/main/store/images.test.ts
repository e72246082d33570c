import { describe, expect, it } from 'vitest'
import type { StoredImage } from './images.ts'
import { openProject } from './project.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()

const imageOf = (index: number): StoredImage => ({
  hash: index.toString(16).padStart(64, '0'),
  label: index % 10,
  name: `train/class ${index % 10}/größe'${index}.png`,
  hasMask: index % 3 === 0,
})

describe('images', () => {
  it('are kept for each role in order, and replaced as a whole', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const train = [5, 1, 3].map(imageOf)
    const test = [9].map(imageOf)
    store.images.write('train', train)
    store.images.write('test', test)
    expect(store.images.list('train')).toEqual(train)
    expect(store.images.list('test')).toEqual(test)
    expect(store.images.get('train', 2)).toEqual(train[2])
    expect(store.images.get('train', 3)).toBeUndefined()
    store.images.write('train', test)
    expect(store.images.list('train')).toEqual(test)
    expect(store.images.count('test')).toBe(1)
    store.close()
  })

  it('stay as they were when the new list fails on the way', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    store.images.write('train', [imageOf(1)])
    const broken = function* () {
      yield imageOf(2)
      throw new RangeError('stop')
    }
    expect(() => store.images.write('train', broken())).toThrow(RangeError)
    expect(store.images.list('train')).toEqual([imageOf(1)])
    store.close()
  })

  it('are written in one go: 60,000 within seconds, not minutes', () => {
    const store = openProject(temporaryFolder(), { mode: 'create' })
    const images = Array.from({ length: 60_000 }, (_, index) => imageOf(index))
    const begin = performance.now()
    store.images.write('train', images)
    expect(performance.now() - begin).toBeLessThan(15_000)
    expect(store.images.list('train')).toEqual(images)
    store.close()
  })
})
