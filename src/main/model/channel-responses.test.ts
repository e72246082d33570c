import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureLayout, type FeatureLayout } from '../../core/features.ts'
import type { Graph } from '../../shared/graph.ts'
import { channelNorms, channelResponses, chosenResponses, gramProduct } from './channel-responses.ts'
import { startEngine } from './engine.ts'
import { Network } from './network.ts'
import {
  brokenGraph, exampleGraph, graphOf, imagesOf, layoutOfNodes, plainOutputs, randomValues, tensorsLeftBy,
} from './testing/example.ts'

const COUNT = 5
const graph = exampleGraph()
const data = randomValues(COUNT * 8 * 7 * 3, 41)
const layout = layoutOfNodes(graph, graph.nodes.map(({ id }) => id))
/** Float32 against float64, norms up to about 20. */
const TOLERANCE = 1e-4

let network: Network

beforeAll(async () => {
  await startEngine()
  network = new Network(graph)
  network.output(data, COUNT, graph.output)
})

afterAll(() => network.dispose())

/** sqrt of the sum of squares, and the first largest value in scan order, channel by channel. */
function plainResponses(
  of: Graph,
  image: ArrayLike<number>,
  features: FeatureLayout,
): { norm: number; position: number }[] {
  const outputs = plainOutputs(of, image)
  return features.layers.flatMap(({ node, channels }) => {
    const { shape, data: values } = outputs[node]
    return Array.from({ length: channels }, (_, channel) => {
      const map = values.filter((_value, i) => i % channels === channel)
      const position = shape.length === 1 ? 0 : map.findIndex((value) => value === Math.max(...map))
      return { norm: Math.sqrt(map.reduce((sum, value) => sum + value ** 2, 0)), position }
    })
  })
}

describe('channelResponses', () => {
  it('are the norms, places of the maxima and scores of the plain definitions', () => {
    const { norms, positions, scores } = channelResponses(network, data, COUNT, layout)
    const expected = imagesOf(data, COUNT).flatMap((image) => plainResponses(graph, image, layout))
    expect(norms).toHaveLength(expected.length)
    expected.forEach(({ norm }, i) => expect(Math.abs(norms[i] - norm)).toBeLessThan(TOLERANCE))
    expect([...positions]).toEqual(expected.map(({ position }) => position))
    imagesOf(data, COUNT).forEach((image, row) => {
      plainOutputs(graph, image)[graph.output].data.forEach((score, j) => {
        expect(Math.abs(scores[row * 4 + j] - score)).toBeLessThan(TOLERANCE)
      })
    })
    expect(new Set(positions).size).toBeGreaterThan(5)
  })

  it('name the first of equal maxima in scan order', () => {
    const small = graphOf(
      ['input', 'x', { shape: [3, 4, 2] }, []],
      ['relu', 'y', { maxValue: 1, negativeSlope: 0, threshold: 0 }, [0]],
      ['globalMaxPool', 'z', { keepAxes: false }, [1]],
    )
    const tied = new Network(small)
    const features = layoutOfNodes(small, [1])
    const values = Float32Array.from(randomValues(400 * 24, 5), (value) => Math.round(3 * value))
    // The first image is zero everywhere after the rectifier.
    values.fill(-1, 0, 24)
    const expected = imagesOf(values, 400).flatMap((image) => plainResponses(small, image, features))
    const { positions } = channelResponses(tied, values, 400, features)
    expect([...positions]).toEqual(expected.map(({ position }) => position))
    tied.dispose()
  })

  it('take the layers in the order of the layout', () => {
    const [first, second] = [[1, 11], [11, 1]].map((nodes) => {
      return featureLayout(nodes.map((node) => layout.layers.find((layer) => layer.node === node)!))
    })
    const forth = channelResponses(network, data, COUNT, first)
    const back = channelResponses(network, data, COUNT, second)
    for (let row = 0; row < COUNT; row++) {
      expect(back.norms.slice(row * 10, row * 10 + 6)).toEqual(forth.norms.slice(row * 10 + 4, row * 10 + 10))
      expect(back.positions.slice(row * 10 + 6, row * 10 + 10)).toEqual(forth.positions.slice(row * 10, row * 10 + 4))
    }
  })

  it('leave no tensors behind, whatever happens', () => {
    expect(tensorsLeftBy(() => channelResponses(network, data, COUNT, layout))).toBe(0)
    const tooMany = { ...layout, size: layout.size + 1 }
    expect(() => channelResponses(network, data, COUNT, tooMany)).toThrow(`Expected 5 x ${layout.size + 1} responses`)
    expect(tensorsLeftBy(() => channelResponses(network, data, COUNT, tooMany))).toBe(0)
    const broken = new Network(brokenGraph())
    expect(tensorsLeftBy(() => channelResponses(broken, data, COUNT, layout))).toBeGreaterThan(0)
    // The first pass uploaded weights; they are the network's, and all that was left.
    expect(tensorsLeftBy(() => channelResponses(broken, data, COUNT, layout))).toBe(0)
    broken.dispose()
  })
})

describe('chosenResponses', () => {
  it.each([1, 3, 40, 1000])('gives the same for chosen entries, one in %d', (every) => {
    const whole = channelResponses(network, data, COUNT, layout)
    const entries = Array.from(whole.norms.keys()).filter((i) => i % every === 0)
    const contenders = {
      rows: Int32Array.from(entries, (i) => Math.floor(i / layout.size)),
      features: Int32Array.from(entries, (i) => i % layout.size),
    }
    const norms = new Float32Array(COUNT * layout.size)
    const seen = new Float32Array(COUNT * layout.size)
    const run = () => chosenResponses(network, data, COUNT, layout, norms, ({ offset, channels }, values) => {
      expect(values).toHaveLength(COUNT * channels)
      for (const [i, value] of values.entries()) {
        seen[Math.floor(i / channels) * layout.size + offset + (i % channels)] = value
      }
      const own = [...contenders.features.keys()].filter((i) => {
        return contenders.features[i] >= offset && contenders.features[i] < offset + channels
      })
      return {
        rows: Int32Array.from(own, (i) => contenders.rows[i]),
        features: Int32Array.from(own, (i) => contenders.features[i]),
      }
    })
    const { scores, chosen } = run()
    expect([norms, seen, scores]).toEqual([whole.norms, whole.norms, whole.scores])
    const found = chosen.flatMap(({ rows, features, positions }) => {
      return Array.from(rows, (row, i) => [row * layout.size + features[i], positions[i]] as const)
    })
    expect(found.sort(([a], [b]) => a - b)).toEqual(entries.map((i) => [i, whole.positions[i]]))
    expect(tensorsLeftBy(run)).toBe(0)
  })

  it('leaves no tensors behind when the choice throws', () => {
    const norms = new Float32Array(COUNT * layout.size)
    const run = (): void => void chosenResponses(network, data, COUNT, layout, norms, () => {
      throw new Error('stop')
    })
    expect(run).toThrow('stop')
    expect(tensorsLeftBy(run)).toBe(0)
  })
})

describe('channelNorms', () => {
  it('takes the magnitude of a unit', () => {
    const output = tf.tensor2d([[3, -4]])
    const norms = channelNorms(output)
    expect([...norms.dataSync()]).toEqual([3, 4])
    tf.dispose([output, norms])
  })
})

describe('gramProduct', () => {
  it.each([1, 31, 64, 300])('is D. D, sum by sum, for %d features', (size) => {
    const rows = 4
    const descriptors = Float32Array.from(randomValues(rows * size, size), (value) => Math.round(value * 16) / 16)
    let wrong = 0
    let entries = 0
    for (const { begin, height, values } of gramProduct(descriptors, rows, size)) {
      const width = size - begin
      expect(values).toHaveLength(height * width)
      for (let i = 0; i < height; i++) {
        for (let k = i; k < width; k++, entries++) {
          let sum = 0
          for (let row = begin; row < rows * size; row += size) sum += descriptors[row + i] * descriptors[row + k]
          if (values[i * width + k] !== sum) wrong++
        }
      }
    }
    expect(entries).toBe((size * (size + 1)) / 2)
    expect(wrong).toBe(0)
    expect(tensorsLeftBy(() => [...gramProduct(descriptors, rows, size)])).toBe(0)
  })
})
