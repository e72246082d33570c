import { expect, it } from 'vitest'
import { afterCrash } from './restart-policy.ts'

/** Decisions on crashes at these times, each told of those before. */
function decisions(times: readonly number[]): (number | 'lost')[] {
  let crashes: readonly number[] = []
  return times.map((time) => {
    const decision = afterCrash(crashes, time)
    crashes = decision.crashes
    return decision.restart ? decision.delay : 'lost'
  })
}

it('restarts three times, each later than the one before, and then gives up', () => {
  expect(decisions([0, 10, 20, 30])).toEqual([0, 1000, 4000, 'lost'])
})

it('forgets what was two minutes ago', () => {
  expect(decisions([0, 10, 20, 120_015])).toEqual([0, 1000, 4000, 1000])
  expect(decisions([0, 120_000, 240_000, 360_000, 480_000])).toEqual([0, 0, 0, 0, 0])
})
