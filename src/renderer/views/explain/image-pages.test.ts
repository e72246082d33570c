import { expect, test } from 'vitest'
import { VebiError } from '../../../shared/errors.ts'
import type { ImageInfo } from '../../../shared/images.ts'
import { imagePages } from './image-pages.ts'

const IMAGES = Array.from({ length: 7 }, (_, i): ImageInfo => ({
  id: `test/${10 + i}`,
  name: `image ${i}`,
  label: 0,
  hasMask: false,
}))
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

test('fetches the first page at once and others when they are looked at, each once', async () => {
  const asked: number[] = []
  const pages = imagePages(async (offset, limit) => {
    asked.push(offset)
    return { total: IMAGES.length, items: IMAGES.slice(offset, offset + limit) }
  }, 3)
  await turn()
  expect(pages.total.value).toBe(7)
  expect(pages.at(2)?.id).toBe('test/12')
  expect(pages.at(4)).toBeUndefined()
  expect(pages.at(5)).toBeUndefined()
  await turn()
  expect(pages.at(4)?.id).toBe('test/14')
  expect(asked).toEqual([0, 3])
  expect(pages.indexOf('test/14')).toBe(4)
  expect(pages.indexOf('test/16')).toBe(-1)
  expect((await pages.fetched(6))?.id).toBe('test/16')
  expect(await pages.fetched(8)).toBeUndefined()
})

test('tells why a page is missing, and does not ask for it over and over', async () => {
  let calls = 0
  const pages = imagePages(async () => {
    calls++
    throw new VebiError('bad-data', 'The list is gone.')
  })
  await turn()
  expect(pages.error.value).toMatchObject({ code: 'bad-data' })
  expect(pages.at(0)).toBeUndefined()
  await turn()
  expect(calls).toBe(1)
})
