import { describe, expect, it } from 'vitest'
import { UpdatableCholesky } from './cholesky.ts'
import { problemOf, randomRows, solveDense, uniform } from './testing.ts'

describe('UpdatableCholesky', () => {
  it('solves as elimination does, after any sequence of appended and removed rows', () => {
    const random = uniform(7)
    const size = 30
    const { gram } = problemOf(randomRows(random, size, 60, false), new Array<number>(60).fill(0), 1)
    const at = (i: number, j: number): number => gram[i * size + j]
    const factor = new UpdatableCholesky(1, 2)
    const rightSide: number[] = []
    const members: number[] = []
    for (let move = 0; move < 300; move++) {
      const outside = Array.from({ length: size }, (_, k) => k).filter((k) => !members.includes(k))
      if (members.length === 0 || (random() < 0.6 && outside.length > 0)) {
        const next = outside[Math.floor(random() * outside.length)]
        const value = random() - 0.5
        expect(factor.append(Float64Array.from(members, (k) => at(next, k)), at(next, next), 1e-12, [value])).toBe(true)
        members.push(next)
        rightSide.push(value)
      } else {
        const index = Math.floor(random() * members.length)
        factor.remove(index)
        members.splice(index, 1)
        rightSide.splice(index, 1)
      }
      expect(factor.size).toBe(members.length)
      const right = members.map(() => random() - 0.5)
      const solution = Float64Array.from(right)
      factor.solve(solution)
      const expected = members.length > 0 ? solveDense(members.map((i) => members.map((j) => at(i, j))), right) : []
      expected?.forEach((value, i) => expect(solution[i]).toBeCloseTo(value, 8))
      const carried = factor.forward(0).slice()
      factor.solveBackward(carried)
      const whole = Float64Array.from(rightSide)
      factor.solve(whole)
      whole.forEach((value, i) => expect(carried[i]).toBeCloseTo(value, 8))
    }
  })

  it('refuses a dependent row and stays as it was', () => {
    const factor = new UpdatableCholesky()
    expect(factor.append(new Float64Array(0), 4, 1e-12)).toBe(true)
    expect(factor.append(Float64Array.of(2), 1, 1e-12)).toBe(false)
    expect(factor.append(Float64Array.of(2), 5, 1e-12)).toBe(true)
    const solution = Float64Array.of(8, 8)
    factor.solve(solution)
    expect(Array.from(solution)).toEqual([1.5, 1])
  })

  it('refuses a row of zeros', () => {
    expect(new UpdatableCholesky().append(new Float64Array(0), 0, 1e-12)).toBe(false)
  })
})
