import { expect, test } from 'vitest'
import { prefetch } from './prefetch.ts'

test('loads one part after another, each in an idle moment, and goes on after one that fails', async () => {
  const happened: string[] = []
  const part = (name: string, fails = false) => async () => {
    happened.push(`${name} begins`)
    await new Promise((done) => setTimeout(done))
    if (fails) throw new Error('gone')
    happened.push(`${name} is there`)
  }
  const moments: (() => void)[] = []
  const all = prefetch([part('a'), part('b', true), part('c')], () => new Promise((go) => moments.push(go)))
  const next = async (): Promise<void> => {
    moments.shift()?.()
    await new Promise((done) => setTimeout(done, 5))
  }
  expect(happened).toEqual([])
  await next()
  expect(happened).toEqual(['a begins', 'a is there'])
  await next()
  expect(happened).toEqual(['a begins', 'a is there', 'b begins'])
  await next()
  expect(happened.slice(3)).toEqual(['c begins', 'c is there'])
  await all
})
