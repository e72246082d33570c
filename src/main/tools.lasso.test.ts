import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Matrix } from '../shared/matrix.ts'
import { temporaryFolder } from './importers/testing/write-model.ts'
import { column, golden, lassoFiles, matrix, refusal, vebi } from './testing/command-line.ts'
import { readNpy, solveFromArrays, writeNpy } from './tools.ts'

/** Of scikit-learn's objective. */
const OBJECTIVE_TOLERANCE = 1e-6

const cases = golden.lasso.map(({ mu, nonnegative }, i) => [mu, nonnegative ? 'w >= 0' : 'any sign', i] as const)

describe('vebi lasso against scikit-learn', () => {
  it.each(cases)('mu %d, %s (%d)', async (_mu, _sign, index) => {
    const problem = golden.lasso[index]
    const files = await lassoFiles(problem)
    const { weights, classes } = await solveFromArrays(files, problem.mu, problem.nonnegative)
    expect(weights.shape).toEqual([problem.features, problem.labels.length])
    problem.objectives.forEach((objective, j) => {
      const found = column(weights, j)
      expect(Math.abs(objectiveOf(problem, found, j) - objective)).toBeLessThan(OBJECTIVE_TOLERANCE * objective)
      expect(Math.abs(classes[j].objective - objective)).toBeLessThan(OBJECTIVE_TOLERANCE * objective)
      expect(found.reduce((sum, value) => sum + Math.abs(value), 0)).toBeLessThanOrEqual(problem.mu * (1 + 1e-9))
      if (problem.nonnegative) expect(Math.min(...found)).toBeGreaterThanOrEqual(0)
      // X has full rank, so that the solution itself is unique.
      found.forEach((value, k) => expect(Math.abs(value - problem.weights[j][k])).toBeLessThan(1e-5))
      expect(classes[j]).toMatchObject({ accepted: true, nonZeros: found.filter((value) => value !== 0).length })
    })
  })

  it('takes the labels of one class as a vector', async () => {
    const problem = golden.lasso[0]
    const files = await lassoFiles(problem)
    const all = await solveFromArrays(files, problem.mu, false)
    await writeNpy(files.L, { shape: [problem.images], data: Uint8Array.from(problem.labels[0]) })
    const one = await solveFromArrays(files, problem.mu, false)
    expect(one.weights.shape).toEqual([problem.features, 1])
    expect([...one.weights.data]).toEqual(column(all.weights, 0))
  })

  it.each<[string, Matrix, Matrix, string]>([
    [
      'X and L of different N',
      matrix([2, 3], 1), matrix([1, 4], 1),
      'X.npy has shape [2, 3] and L.npy [1, 4]; they must be [m, N] and [C, N].',
    ],
    [
      'X that is a vector',
      matrix([3], 1), matrix([3], 1),
      'X.npy has shape [3] and L.npy [3]; they must be [m, N] and [C, N].',
    ],
    [
      'L of three axes',
      matrix([2, 3], 1), matrix([1, 3, 1], 1),
      'X.npy has shape [2, 3] and L.npy [1, 3, 1]; they must be [m, N] and [C, N].',
    ],
    [
      'no images',
      matrix([2, 0], 1), matrix([1, 0], 1),
      'X.npy has shape [2, 0] and L.npy [1, 0]; they must be [m, N] and [C, N].',
    ],
    ['NaN in X', matrix([2, 3], NaN), matrix([1, 3], 1), 'X.npy holds values that are not finite.'],
    ['infinity in L', matrix([2, 3], 1), matrix([1, 3], Infinity), 'L.npy holds values that are not finite.'],
  ])('refuses %s', async (_what, X, L, sentence) => {
    const folder = await temporaryFolder()
    const files = { X: path.join(folder, 'X.npy'), L: path.join(folder, 'L.npy') }
    await writeNpy(files.X, X)
    await writeNpy(files.L, L)
    expect(await refusal(solveFromArrays(files, 1, false), folder)).toEqual(['bad-data', sentence])
  })

  it('refuses a negative mu', async () => {
    const files = await lassoFiles(golden.lasso[0])
    await expect(solveFromArrays(files, -1, false)).rejects.toThrow('mu is -1; it must be a number that is 0 or more.')
  })
})

describe('the command itself', () => {
  it('solves and reports as JSON with exit code 0', async () => {
    const problem = golden.lasso[0]
    const files = await lassoFiles(problem)
    const out = path.join(path.dirname(files.X), 'W.npy')
    const words = ['--X', files.X, '--L', files.L, '--mu', String(problem.mu), '--out', out, '--json']
    const { status, stdout, stderr } = vebi('lasso', ...words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const report = JSON.parse(stdout) as { out: string; shape: number[]; classes: { objective: number }[] }
    expect(report).toMatchObject({ out, shape: [12, 3] })
    report.classes.forEach((each, j) => expect(Math.abs(each.objective - problem.objectives[j])).toBeLessThan(1e-6))
    const weights = await readNpy(out)
    column(weights, 1).forEach((value, k) => expect(Math.abs(value - problem.weights[1][k])).toBeLessThan(1e-5))
  })

  it('fails with exit code 1, one sentence on stderr and nothing on stdout', async () => {
    const { X, L } = await lassoFiles(golden.lasso[0])
    await writeNpy(X, matrix([2, 40], NaN))
    const out = path.join(path.dirname(X), 'W.npy')
    expect(vebi('lasso', '--X', X, '--L', L, '--out', out, '--json')).toEqual({
      status: 1,
      stdout: '',
      stderr: `vebi: ${X} holds values that are not finite.\n`,
    })
    await expect(readNpy(out)).rejects.toThrow('does not exist')
  })
})

/** 1/2 ||X'w - l_j||^2, term by term. */
function objectiveOf(problem: (typeof golden)['lasso'][number], weights: number[], j: number): number {
  const { images, thousandths, labels } = problem
  let sum = 0
  for (let i = 0; i < images; i++) {
    const fitted = weights.reduce((total, weight, k) => total + (weight * thousandths[k * images + i]) / 1000, 0)
    sum += (fitted - labels[j][i]) ** 2
  }
  return sum / 2
}
