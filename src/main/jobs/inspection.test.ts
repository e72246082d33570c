import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openModel } from '../importers/index.ts'
import { exampleGraph, graphOf } from '../model/testing/example.ts'
import { inspect } from './inspection.ts'

const DATA = process.env['VEBI_DATA'] ?? path.resolve(import.meta.dirname, '../../../../shared/data')
const missing = !existsSync(path.join(DATA, 'models'))
const SUFFIX = missing ? ' (skipped: no shared data; set VEBI_DATA)' : ''

describe('inspect', () => {
  test('says which outputs several layers read, through what is no layer', () => {
    // conv1 relu1 pool1 conv2 sum relu2 norm both mean dense1 ...
    const report = inspect(exampleGraph())
    expect(report.reusedOutputs).toEqual([{ layer: 3, readers: [4, 5, 7] }])
    expect(report.sharedWeights).toEqual([])
    expect(report.scores).toBe('softmax')
    expect(report.outputs).toBe(4)
    expect(report.channelsFirst).toBe(false)
  })

  test('finds one layer of the file that is used twice, and the image read twice', () => {
    const kernel = { shape: [3, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]) }
    const graph = graphOf(
      ['input', 'image', { shape: [3] }, []],
      ['dense', 'first', { kernel, bias: null }, [0]],
      ['dropout', 'drop', {}, [0]],
      ['dense', 'second', { kernel, bias: null }, [2]],
      ['add', 'sum', {}, [1, 3]],
      ['sigmoid', 'each', {}, [4]],
      ['dropout', 'last', {}, [5]],
    )
    const report = inspect(graph)
    expect(report.sharedWeights).toEqual([[1, 2]])
    expect(report.reusedOutputs).toEqual([{ layer: 0, readers: [1, 2] }])
    expect(report.parameters).toBe(9)
    expect(report.layers.map(({ parameters }) => parameters)).toEqual([9, 9, 0, 0])
    expect(report.scores).toBe('sigmoid')
  })

  test.skipIf(missing)(`tells the facts of models made by others${SUFFIX}`, async () => {
    const factsOf = async (name: string): Promise<unknown> => {
      const { channelsFirst, scores, parameters, outputs, input } = inspect(await openModel(path.join(DATA, 'models', name)))
      return { channelsFirst, scores, parameters, outputs, input: input.join('x') }
    }
    // Parameters as Keras (TinyVGG: 280 + 3 * 910 + 16,910) and ONNX Runtime's initializers count them.
    expect(await factsOf('tinyvgg-10-tfjs')).toEqual({
      channelsFirst: false, scores: 'softmax', parameters: 19_920, outputs: 10, input: '64x64x3',
    })
    expect(await factsOf('convnet-mnist-maxpool.onnx')).toEqual({
      channelsFirst: true, scores: 'logits', parameters: 11_690, outputs: 10, input: '28x28x1',
    })
    expect(await factsOf('cifar10-nhwc-large.onnx')).toMatchObject({ channelsFirst: false, scores: 'logits' })
    const resnet = inspect(await openModel(path.join(DATA, 'models', 'resnet8-cifar10.h5')))
    expect(resnet.reusedOutputs).toEqual([
      { layer: 3, readers: [4, 9] },
      { layer: 10, readers: [11, 15] },
      { layer: 18, readers: [19, 23] },
    ])
    expect(resnet.nonLinearities.map(({ guided }) => guided)).toEqual([...new Array<string>(7).fill('exact'), 'not-crossed'])
    expect(resnet.parameters).toBe(78_666)
  })
})
