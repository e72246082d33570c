import { describe, expect, test } from 'vitest'
import { normalDistribution } from '../../model/operators/testing/plain-forward.ts'
import { errorFunction } from '../dataflow/curves.ts'
import { onnxImporter } from './index.ts'
import { onnxFile } from './testing/onnx-file.ts'
import { modelBytes, type NodeText } from './testing/write-onnx.ts'

type Step = readonly [operator: string, inputs: readonly (string | number)[], attributes?: NodeText['attributes']]

/** What the importer makes of these nodes, which give s1, s2, ... from x; numbers are constants. */
async function operators(steps: readonly Step[]): Promise<string[]> {
  const constants = [...new Set(steps.flatMap(([, inputs]) => inputs).filter((input) => typeof input === 'number'))]
  const nodes = steps.map(([op, inputs, attributes = {}], at): NodeText => ({
    op, name: `s${at + 1}`, inputs: inputs.map(String), outputs: [at + 1 === steps.length ? 'classes' : `s${at + 1}`],
    attributes,
  }))
  const weights = constants.map((value) => ({ name: String(value), shape: [], values: [value] }))
  const bytes = modelBytes({ nodes, weights, inputs: [{ name: 'x', shape: [1, 7] }] })
  const graph = await onnxImporter.open(await onnxFile(bytes))
  return graph.nodes.slice(1).map(({ op, name, spec }) => `${op} ${name} ${JSON.stringify(spec)}`)
}

const THIRD = 1 / 6
const SQUARE = Math.SQRT1_2

describe('activation functions that are written out are recognised', () => {
  test.each<[string, readonly Step[], string]>([
    ['SiLU', [['Sigmoid', ['x']], ['Mul', ['x', 's1']]], 'silu s2 {}'],
    ['SiLU the other way round', [['Sigmoid', ['x']], ['Mul', ['s1', 'x']]], 'silu s2 {}'],
    ['hard swish of PyTorch', [['HardSigmoid', ['x'], { 'alpha!': THIRD }], ['Mul', ['x', 's1']]], 'hardSwish s2 {}'],
    ['hard swish of TensorFlow',
      [['Add', ['x', 3]], ['Clip', ['s1', 0, 6]], ['Mul', ['s2', THIRD]], ['Mul', ['x', 's3']]], 'hardSwish s4 {}'],
    ['hard swish divided last', [['Add', [3, 'x']], ['Clip', ['s1', 0, 6]], ['Mul', ['x', 's2']], ['Div', ['s3', 6]]],
      'hardSwish s4 {}'],
    ['hard sigmoid', [['Add', ['x', 3]], ['Clip', ['s1', 0, 6]], ['Div', ['s2', 6]]],
      `hardSigmoid s3 {"alpha":${THIRD},"beta":0.5}`],
    ['hard sigmoid of Keras 2', [['Mul', ['x', 0.2]], ['Add', ['s1', 0.5]], ['Clip', ['s2', 0, 1]]],
      'hardSigmoid s3 {"alpha":0.2,"beta":0.5}'],
    ['GELU', [['Div', ['x', Math.SQRT2]], ['Erf', ['s1']], ['Add', ['s2', 1]], ['Mul', ['x', 's3']], ['Mul', ['s4', 0.5]]],
      'gelu s5 {"approximate":false}'],
    ['GELU halved first', [['Mul', [0.5, 'x']], ['Mul', ['x', SQUARE]], ['Erf', ['s2']], ['Add', [1, 's3']], ['Mul', ['s1', 's4']]],
      'gelu s5 {"approximate":false}'],
    ['GELU by tanh', [['Pow', ['x', 3]], ['Mul', ['s1', 0.044715]], ['Add', ['x', 's2']], ['Mul', ['s3', Math.sqrt(2 / Math.PI)]],
      ['Tanh', ['s4']], ['Add', ['s5', 1]], ['Mul', ['x', 's6']], ['Mul', ['s7', 0.5]]], 'gelu s8 {"approximate":true}'],
    ['ReLU by a maximum', [['Max', ['x', 0]]], 'relu s1 {"maxValue":null,"negativeSlope":0,"threshold":0}'],
    ['leaky ReLU by a maximum', [['Mul', ['x', 0.25]], ['Max', ['s1', 'x']]],
      'relu s2 {"maxValue":null,"negativeSlope":0.25,"threshold":0}'],
    ['ReLU with a limit', [['Relu', ['x']], ['Min', ['s1', 4]]], 'relu s2 {"maxValue":4,"negativeSlope":0,"threshold":0}'],
  ])('%s', async (_, steps, expected) => {
    expect(await operators(steps)).toEqual([expected])
  })
})

describe('what only looks alike is not', () => {
  test('a gate from another value', async () => {
    expect((await operators([['Tanh', ['x']], ['Sigmoid', ['x']], ['Mul', ['s1', 's2']]])).map(first)).toEqual([
      'tanh', 'sigmoid', 'multiply',
    ])
  })

  test('swish with a factor', async () => {
    const found = await operators([['Mul', ['x', 1.702]], ['Sigmoid', ['s1']], ['Mul', ['x', 's2']]])
    expect(found.map(first)).toEqual(['batchNorm', 'sigmoid', 'multiply'])
  })

  test('a limit below zero', async () => {
    await expect(operators([['Clip', ['x', -1, 1]]])).rejects.toThrow('which limits to -1 and 1')
  })

  test('a leaky ReLU with a limit far below zero', async () => {
    const steps: readonly Step[] = [['Mul', ['x', 0.25]], ['Max', ['s1', 'x']], ['Max', ['s2', -10]]]
    await expect(operators(steps)).rejects.toThrow('node "s3" is a Max, which is not supported')
  })

  test('the parts of a recognised function stay where something else needs them', async () => {
    const found = await operators([['Sigmoid', ['x']], ['Mul', ['x', 's1']], ['Add', ['s1', 's2']]])
    expect(found.map(first)).toEqual(['sigmoid', 'silu', 'add'])
  })
})

function first(text: string): string {
  return text.split(' ')[0]
}

test('the error function against the integral of the normal density', () => {
  for (let x = -5; x <= 5; x += 0.25) {
    expect(errorFunction(x)).toBeCloseTo(2 * normalDistribution(x * Math.SQRT2) - 1, 9)
  }
  expect(errorFunction(30)).toBe(1)
})
