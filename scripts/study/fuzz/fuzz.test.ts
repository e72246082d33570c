import { expect, onTestFinished, test } from 'vitest'
import { goldenBases, type Format } from './bases.ts'
import { mutant } from './mutate.ts'
import { MutantOpener, type Outcome } from './opener.ts'

/** The short form of fuzz-importers.ts: mutants of the smallest file of each format, in this process. */
const SEED = 7
const MUTANTS = 60
const MOST_MILLISECONDS = 5000

const sizeOf = (files: ReadonlyMap<string, Buffer>): number =>
  [...files.values()].reduce((sum, { length }) => sum + length, 0)
const bases = goldenBases().sort((left, right) => sizeOf(left.files) - sizeOf(right.files))
const FORMATS: readonly Format[] = ['hdf5', 'keras', 'onnx', 'mat', 'tensorflow']

test.each(FORMATS)('%s: a damaged model ends in a model or in one sentence that names it', async (format) => {
  const base = bases.find((each) => each.format === format)!
  const opener = new MutantOpener(base, SEED)
  onTestFinished(() => opener.close())
  const kinds: Outcome['kind'][] = []
  for (let number = 0; number < MUTANTS; number++) {
    opener.write(number)
    const start = performance.now()
    const outcome = await opener.open()
    expect(outcome.kind === 'fault' ? `mutant ${number}: ${outcome.reason}` : '').toBe('')
    expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS)
    kinds.push(outcome.kind)
  }
  // Mutants that were all refused at the door would have tried nothing.
  expect(kinds).toContain('model')
  expect(kinds).toContain('refused')
})

test('a mutant can be made again from its seed and its number, and differs from its base and from others', () => {
  const [base] = bases
  const bytesOf = (seed: number, number: number) => Buffer.concat([...mutant(base, seed, number).values()])
  expect(bytesOf(1, 2)).toEqual(bytesOf(1, 2))
  const numbers = Array.from({ length: 20 }, (_, number) => bytesOf(1, number).toString('latin1'))
  expect(new Set(numbers).size).toBeGreaterThan(15)
  expect(bytesOf(2, 2)).not.toEqual(bytesOf(1, 2))
})
