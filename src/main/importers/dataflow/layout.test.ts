import { describe, expect, test } from 'vitest'
import { randomIndex, randomStream, shuffledIndexes } from '../../../core/random.ts'
import { arrangement, commonRefinement, factorsOf, fileIndexes, type Step } from './layout.ts'

interface Numbered {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** Transposes by coordinates, one value at a time. */
function permuted({ shape, data }: Numbered, order: readonly number[]): Numbered {
  const result = order.map((axis) => shape[axis])
  const moved = data.map((_, index) => {
    const at = coordinates(index, result)
    const from = shape.map((_size, axis) => at[order.indexOf(axis)])
    return data[from.reduce((place, position, axis) => place * shape[axis] + position, 0)]
  })
  return { shape: result, data: moved }
}

function coordinates(index: number, shape: readonly number[]): number[] {
  const at: number[] = []
  for (const size of shape.toReversed()) {
    at.unshift(index % size)
    index = Math.floor(index / size)
  }
  return at
}

function run(array: Numbered, steps: readonly Step[]): Numbered {
  return steps.reduce<Numbered>((value, step) => {
    if (step.kind === 'permute') return permuted(value, step.order)
    expect(product(step.shape)).toBe(value.data.length)
    return { shape: step.shape, data: value.data }
  }, array)
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}

function numbered(shape: readonly number[]): Numbered {
  return { shape, data: Array.from({ length: product(shape) }, (_, index) => index) }
}

const stream = randomStream(20)
const pick = (count: number): number => randomIndex(stream, count)
const orderOf = (rank: number): number[] => [...shuffledIndexes(rank, pick(1000))]

/** A random list of sizes with this product. */
function sizesOf(count: number): number[] {
  const sizes: number[] = []
  for (let left = count; left > 1 || sizes.length === 0;) {
    const divisors = Array.from({ length: left }, (_, at) => at + 1).filter((size) => left % size === 0)
    const size = divisors[pick(divisors.length)]
    sizes.push(size)
    left /= size
    if (sizes.length === 4) sizes.push(left)
    if (sizes.length > 4) break
  }
  return sizes
}

describe('arrangement', () => {
  test('leads from any form of an array to any other, whatever the sizes', () => {
    for (let round = 0; round < 400; round++) {
      const count = [1, 6, 12, 24, 36, 60][pick(6)]
      const [shape, sizes] = [sizesOf(count), sizesOf(count)]
      const [order, targetOrder] = [orderOf(shape.length), orderOf(sizes.length)]
      const graph = numbered(shape)
      const inFile = permuted(graph, order).data
      const steps = arrangement(shape, order, sizes, targetOrder)
      const target = targetOrder.reduce<number[]>((all, axis, position) => all.with(axis, sizes[position]), [...sizes])
      const found = run(graph, steps)
      expect(found.shape).toEqual(target)
      expect(permuted(found, targetOrder).data).toEqual(inFile)
    }
  })

  test.each([
    ['nothing to do', [4, 5, 3], [2, 0, 1], [3, 4, 5], [2, 0, 1], []],
    ['only axes of length 1 move', [1, 1, 3], [2, 0, 1], [3], [0], ['reshape']],
    ['a vector as a map of one place', [3], [0], [3, 1, 1], [2, 0, 1], ['reshape']],
    ['channels first', [4, 5, 3], [2, 0, 1], [3, 4, 5], [0, 1, 2], ['permute']],
    ['channels in two parts change places', [4, 5, 2, 3], [3, 2, 0, 1], [6, 4, 5], [2, 0, 1], ['permute', 'reshape']],
    ['a flattened map in the order of the file', [4, 5, 3], [2, 0, 1], [60], [0], ['permute', 'reshape']],
  ] as const)('%s', (_, shape, order, sizes, targetOrder, kinds) => {
    expect(arrangement(shape, order, sizes, targetOrder).map(({ kind }) => kind)).toEqual(kinds)
  })
})

test.each([
  [[6], [2, 3], [2, 3]],
  [[4, 6], [2, 12], [2, 2, 6]],
  [[1, 6, 1], [6, 1], [6]],
  [[2, 3], [3, 2], null],
  [[], [1, 1], []],
  [[4], [6], null],
] as const)('common parts of %j and %j', (left, right, parts) => {
  expect(commonRefinement(left, right)).toEqual(parts)
  expect(commonRefinement(right, left)).toEqual(parts)
})

test('factors name the axes of graph and file', () => {
  expect(factorsOf([4, 5, 6], { dimensions: [2, 3, 20], order: [2, 0, 1] })).toEqual([
    { size: 2, graphAxis: 2, fileAxis: 0 },
    { size: 3, graphAxis: 2, fileAxis: 1 },
    { size: 4, graphAxis: 0, fileAxis: 2 },
    { size: 5, graphAxis: 1, fileAxis: 2 },
  ])
  expect(factorsOf([2, 3], { dimensions: [3, 2], order: [0, 1] })).toBeNull()
})

test('indexes in the file are those of the transposed array', () => {
  const shape = [4, 5, 3]
  const inFile = permuted(numbered(shape), [2, 0, 1]).data
  const indexes = fileIndexes(shape, [2, 0, 1])
  inFile.forEach((graphIndex, fileIndex) => expect(indexes[graphIndex]).toBe(fileIndex))
})
