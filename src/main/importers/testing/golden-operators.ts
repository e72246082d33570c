import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Graph } from '../../../shared/graph.ts'
import { Network } from '../../model/network.ts'

/** A small file with what another program computes of two images. */
export interface GoldenOperator {
  readonly name: string
  /** Base64, of gzip for TensorFlow's. */
  readonly file: string
  /** Shape of an image as the file takes it. */
  readonly shape: readonly number[]
  /** Two images as base64 of int8, in steps of 1/64. */
  readonly image: string
  /** Base64 of float32. */
  readonly output: string
}

const IMAGES = 2

/** The cases in a file under scripts/golden. */
export function goldenOperators(name: string): readonly GoldenOperator[] {
  const stored = new URL(`../../../../scripts/golden/${name}`, import.meta.url)
  return (JSON.parse(readFileSync(stored, 'utf8')) as { cases: GoldenOperator[] }).cases
}

/** Outputs to 2e-5 of their size. */
export function expectGoldenOutput(graph: Graph, { shape, image, output }: GoldenOperator): void {
  const network = new Network(graph)
  const pixels = Int8Array.from(Buffer.from(image, 'base64'))
  const inFile = Float32Array.from(pixels, (value) => value / 64)
  const channelsLast = graph.nodes[0].shape.join() === shape.join()
  const input = channelsLast ? inFile : toChannelsLast(inFile, shape)
  const actual = network.output(input, IMAGES, graph.output)
  network.dispose()
  const bytes = Buffer.from(output, 'base64')
  const expected = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index))
  expect(actual.length).toBe(expected.length)
  const differences = expected.map((value, index) => Math.abs(value - actual[index]) / Math.max(1, Math.abs(value)))
  expect(Math.max(...differences)).toBeLessThan(2e-5)
}

function toChannelsLast(values: Float32Array, [channels, height, width]: readonly number[]): Float32Array {
  const size = height * width
  return values.map((_, index) => {
    const image = Math.floor(index / (size * channels))
    const place = Math.floor((index % (size * channels)) / channels)
    return values[(image * channels + (index % channels)) * size + place]
  })
}
