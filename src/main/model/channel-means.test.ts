import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChannelMeans, releaseMeans } from './channel-means.ts'
import { startEngine } from './engine.ts'
import { Network } from './network.ts'
import { brokenGraph, exampleGraph, imagesOf, plainOutputs, randomValues, tensorsLeftBy } from './testing/example.ts'

const COUNT = 7
const SIZE = 8 * 7 * 3
const graph = exampleGraph()
const data = randomValues(COUNT * SIZE, 43)
const nodes = [1, 5, 11]

let network: Network

beforeAll(async () => {
  await startEngine()
  network = new Network(graph)
  network.output(data, COUNT, graph.output)
})

afterAll(() => network.dispose())

describe('ChannelMeans', () => {
  it.each([[[7]], [[1, 4, 2]]])('are the means of the plain outputs, in batches of %j', (sizes) => {
    const means = new ChannelMeans(network, nodes)
    let begin = 0
    for (const size of sizes) {
      means.add(data.slice(begin * SIZE, (begin + size) * SIZE), size)
      begin += size
    }
    const found = means.finish()
    const outputs = imagesOf(data, COUNT).map((image) => plainOutputs(graph, image))
    for (const node of nodes) {
      const { shape } = graph.nodes[node]
      expect(found.get(node)!.shape).toEqual([1, ...shape])
      found.get(node)!.dataSync().forEach((value, i) => {
        const expected = outputs.reduce((sum, plain) => sum + plain[node].data[i], 0) / COUNT
        expect(Math.abs(value - expected)).toBeLessThan(1e-5)
      })
    }
    releaseMeans(found)
  })

  it('leave no tensors behind, also when a batch fails', () => {
    const left = tensorsLeftBy(() => {
      const means = new ChannelMeans(network, nodes)
      means.add(data, COUNT)
      means.add(data.slice(0, SIZE), 1)
      releaseMeans(means.finish())
    })
    expect(left).toBe(0)
    const broken = new Network(brokenGraph())
    const fail = (): void => new ChannelMeans(broken, nodes).add(data, COUNT)
    expect(fail).toThrow()
    expect(tensorsLeftBy(fail)).toBe(0)
    broken.dispose()
  })
})
