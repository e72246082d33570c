import { expect, test } from 'vitest'
import { averageCache } from './average-cache.ts'

const idle = new AbortController().signal

function deferred(): { asked: number[]; load: (feature: number) => Promise<string>; settle: () => void } {
  const asked: number[] = []
  const open: (() => void)[] = []
  return {
    asked,
    load: (feature) => {
      asked.push(feature)
      return new Promise((resolve) => open.push(() => resolve(`picture ${feature}`)))
    },
    settle: () => open.splice(0).forEach((end) => end()),
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

test('loads in order, as many at a time as allowed, each once', async () => {
  const { asked, load, settle } = deferred()
  const cache = averageCache(load, { most: 10, parallel: 2 })
  const all = Promise.all([1, 2, 3, 3].map((feature) => cache.get(feature, idle)))
  expect(asked).toEqual([1, 2])
  settle()
  await turn()
  expect(asked).toEqual([1, 2, 3])
  settle()
  expect(await all).toEqual(['picture 1', 'picture 2', 'picture 3', 'picture 3'])
  expect(await cache.get(1, idle)).toBe('picture 1')
  expect(asked).toEqual([1, 2, 3])
})

test('does not load what nobody waits for any more', async () => {
  const { asked, load, settle } = deferred()
  const cache = averageCache(load, { most: 10, parallel: 1 })
  const first = cache.get(1, idle)
  const gone = new AbortController()
  const dropped = cache.get(2, gone.signal)
  gone.abort()
  await expect(dropped).rejects.toMatchObject({ name: 'AbortError' })
  settle()
  await first
  await turn()
  expect(asked).toEqual([1])
})

test('forgets the picture that was not asked for longest', async () => {
  const asked: number[] = []
  const load = async (feature: number): Promise<number> => asked.push(feature)
  const cache = averageCache(load, { most: 2, parallel: 1 })
  for (const feature of [1, 2, 1, 3, 1, 2]) await cache.get(feature, idle)
  expect(asked).toEqual([1, 2, 3, 2])
})

test('asks again after a failure', async () => {
  let calls = 0
  const cache = averageCache(
    async () => {
      calls++
      if (calls === 1) throw new Error('not there yet')
      return 'there'
    },
    { most: 2, parallel: 1 },
  )
  await expect(cache.get(7, idle)).rejects.toThrow('not there yet')
  expect(await cache.get(7, idle)).toBe('there')
})
