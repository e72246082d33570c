import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { randomIndex, randomStream, shuffledIndexes } from './random.ts'
import { joinCandidates, TopLists, type TopCandidates, type TopContenders, type TopEntry } from './top-lists.ts'

interface Offer {
  readonly ids: Int32Array
  /** `[ids, size]`, few distinct values. */
  readonly responses: Float32Array
  readonly positions: Int32Array
}

function offerOf(count: number, size: number, seed: number): Offer {
  const random = randomStream(seed)
  return {
    ids: shuffledIndexes(count, seed, 1).map((id) => 3 * id),
    responses: Float32Array.from({ length: count * size }, () => randomIndex(random, 5) / 4),
    positions: Int32Array.from({ length: count * size }, () => randomIndex(random, 1000)),
  }
}

/** All entries of a feature by the total order, cut off: response descending, then image id. */
function plainList({ ids, responses, positions }: Offer, size: number, feature: number, length: number): TopEntry[] {
  const all = Array.from(ids, (image, row) => ({
    image, response: responses[row * size + feature], position: positions[row * size + feature],
  }))
  return all.sort((a, b) => b.response - a.response || a.image - b.image).slice(0, length)
}

/** Offers the rows in batches of the given sizes, over and over. */
function inBatches(lists: TopLists, offer: Offer, sizes: readonly number[]): TopCandidates[] {
  const candidates: TopCandidates[] = []
  for (let begin = 0, batch = 0; begin < offer.ids.length; batch++) {
    const end = Math.min(offer.ids.length, begin + sizes[batch % sizes.length])
    const cells = [begin * lists.size, end * lists.size] as const
    candidates.push(
      lists.offer(offer.ids.slice(begin, end), offer.responses.slice(...cells), offer.positions.slice(...cells)),
    )
    begin = end
  }
  return candidates
}

const entriesOf = (lists: TopLists): TopEntry[][] => Array.from({ length: lists.size }, (_, k) => lists.entries(k))

describe('TopLists', () => {
  it.each([[1], [7], [1, 5, 2], [1000]])('is the sorted list, cut off, for batches of %j', (...sizes) => {
    for (const length of [1, 4, 10, 60, 100]) {
      const offer = offerOf(60, 3, length)
      const lists = new TopLists(3, length)
      inBatches(lists, offer, sizes)
      for (let k = 0; k < 3; k++) expect(lists.entries(k)).toEqual(plainList(offer, 3, k, length))
    }
  })

  it('is what NumPy sorts', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { top_lists: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
      top_lists: { ids: number[]; responses: number[]; images: number[][] }
    }
    const lists = new TopLists(3, 25)
    const responses = Float32Array.from(golden.responses)
    lists.offer(Int32Array.from(golden.ids), responses, new Int32Array(responses.length))
    expect(entriesOf(lists).map((list) => list.map(({ image }) => image))).toEqual(
      golden.images.map((images) => images.slice(0, 25)),
    )
  })

  it('does not depend on the order of the images', () => {
    const offer = offerOf(50, 2, 5)
    const there = new TopLists(2, 8)
    const back = new TopLists(2, 8)
    inBatches(there, offer, [4])
    const rows = Array.from(offer.ids.keys()).reverse()
    const cells = rows.flatMap((row) => [2 * row, 2 * row + 1])
    inBatches(
      back,
      {
        ids: Int32Array.from(rows, (row) => offer.ids[row]),
        responses: Float32Array.from(cells, (cell) => offer.responses[cell]),
        positions: Int32Array.from(cells, (cell) => offer.positions[cell]),
      },
      [9],
    )
    expect(entriesOf(back)).toEqual(entriesOf(there))
  })

  it('is rebuilt by replaying the candidates, one batch or all of them at a time, in any order', () => {
    const offer = offerOf(80, 3, 11)
    const lists = new TopLists(3, 6)
    const candidates = inBatches(lists, offer, [5, 9])
    expect(candidates.reduce((sum, each) => sum + each.features.length, 0)).toBeLessThan(3 * 80)
    for (const replayed of [candidates, candidates.toReversed(), [joinCandidates(candidates)]]) {
      const again = new TopLists(3, 6)
      for (const each of replayed) again.replay(each)
      expect(again.toArrays()).toEqual(lists.toArrays())
    }
  })

  it('goes on after a replay as if nothing had happened', () => {
    const offer = offerOf(40, 2, 21)
    const whole = new TopLists(2, 5)
    inBatches(whole, offer, [10])
    const resumed = new TopLists(2, 5)
    const half = {
      ids: offer.ids.slice(0, 20), responses: offer.responses.slice(0, 40), positions: offer.positions.slice(0, 40),
    }
    resumed.replay(joinCandidates(inBatches(new TopLists(2, 5), half, [10])))
    resumed.offer(offer.ids.slice(20), offer.responses.slice(40), offer.positions.slice(40))
    expect(entriesOf(resumed)).toEqual(entriesOf(whole))
  })

  it('holds fewer entries than its length while there are fewer images', () => {
    const lists = new TopLists(1, 100)
    lists.offer(Int32Array.of(8, 2), Float32Array.of(0, 1), Int32Array.of(5, 6))
    expect(lists.entries(0)).toEqual([
      { image: 2, response: 1, position: 6 },
      { image: 8, response: 0, position: 5 },
    ])
    expect([...lists.toArrays().counts]).toEqual([2])
  })

  it('names the contenders of one layer by feature, as among all of them', () => {
    const offer = offerOf(60, 5, 41)
    const lists = new TopLists(5, 4)
    lists.offer(offer.ids.slice(0, 40), offer.responses.slice(0, 200), offer.positions.slice(0, 200))
    const rest = offer.responses.slice(200)
    const pairs = ({ rows, features }: TopContenders): string[] => Array.from(rows, (row, i) => `${row} ${features[i]}`)
    const all = pairs(lists.contenders(20, rest))
    const byLayer = [[0, 2], [2, 5]].flatMap(([begin, end]) => {
      const columns = rest.filter((_, i) => i % 5 >= begin && i % 5 < end)
      return pairs(lists.contenders(20, columns, begin))
    })
    expect(byLayer.sort()).toEqual(all.sort())
    expect(all.length).toBeGreaterThan(0)
    expect(all.length).toBeLessThan(5 * 20)
  })

  it('finds the positions of contenders only, with the same result', () => {
    const offer = offerOf(60, 3, 31)
    const whole = new TopLists(3, 5)
    inBatches(whole, offer, [12])
    const chosen = new TopLists(3, 5)
    let asked = 0
    for (let begin = 0; begin < 60; begin += 12) {
      const responses = offer.responses.slice(begin * 3, (begin + 12) * 3)
      const contenders = chosen.contenders(12, responses)
      const positions = contenders.rows.map((row, i) => offer.positions[(begin + row) * 3 + contenders.features[i]])
      asked += positions.length
      chosen.admit(offer.ids.slice(begin, begin + 12), responses, contenders, positions)
    }
    expect(entriesOf(chosen)).toEqual(entriesOf(whole))
    expect(asked).toBeLessThan(3 * 60)
  })
})
