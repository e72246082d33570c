import { expect, it } from 'vitest'
import type { Graph, Suggestion } from '../../shared/graph.ts'
import { FROM_FILE } from '../../shared/preprocessing-presets.ts'
import { validatePreprocessing } from '../data/preprocessing.ts'
import { candidatesFor, turned } from './preset-candidates.ts'

const graph = (suggestion?: Suggestion): Graph => ({
  nodes: [], output: 0, source: '', hash: '', warnings: [], ...(suggestion ? { suggestion } : {}),
})
const entered = (options: object): ReturnType<typeof validatePreprocessing> =>
  validatePreprocessing({ height: 64, width: 64, channels: 3, ...options })
const namesOf = (...argument: Parameters<typeof candidatesFor>): string[] =>
  candidatesFor(...argument).map(({ name }) => name)

it('are the families of the input, each once', () => {
  expect(namesOf(graph(), entered({ scale: 1 / 255 }))).toEqual(['0 … 1', '−1 … 1', '0 … 255', 'Caffe', 'Torch'])
  expect(namesOf(graph(), validatePreprocessing({ height: 32, width: 32, channels: 3 }))).toContain('CIFAR-10')
  expect(namesOf(graph(), validatePreprocessing({ height: 28, width: 28, channels: 1 }))).toEqual([
    '0 … 1', '−1 … 1', '0 … 255', 'MNIST',
  ])
})

it('hold what was entered where it is none of them, resized as entered', () => {
  const own = entered({ scale: 2, resize: 'crop' })
  const candidates = candidatesFor(graph(), own)
  expect(candidates.at(-1)).toMatchObject({ name: 'As entered', preprocessing: own })
  expect(candidates.every(({ preprocessing }) => preprocessing.resize === 'crop')).toBe(true)
})

it('begin with what the file suggests, resized as it says', () => {
  const preprocessing = { scale: 1, mean: [124, 117, 104], std: [1, 1, 1], order: 'rgb', resize: 'crop' } as const
  const candidates = candidatesFor(graph({ preprocessing, classes: null }), entered({}))
  expect(candidates[0]).toMatchObject({ name: FROM_FILE, preprocessing: { ...preprocessing, height: 64 } })
  expect(candidates[1].preprocessing.resize).toBe('fit')
  const names = namesOf(graph({ preprocessing, classes: null }), entered({ ...preprocessing, resize: 'fit' }))
  expect(names).toContain('As entered')
  // Entered as the file says, it is the same candidate.
  expect(namesOf(graph({ preprocessing, classes: null }), entered(preprocessing))).not.toContain('As entered')
})

it('turn channels with their means; grey has no order', () => {
  const caffe = candidatesFor(graph(), entered({})).find(({ name }) => name === 'Caffe')!
  expect(turned(caffe)).toMatchObject({
    name: 'Caffe, RGB', preprocessing: { mean: [123.68, 116.779, 103.939], order: 'rgb', scale: 1 },
  })
  expect(turned({ ...caffe, preprocessing: validatePreprocessing({ height: 2, width: 2, channels: 1 }) })).toBeNull()
})
