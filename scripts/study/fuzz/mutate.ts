import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { randomIndex, randomStream } from '../../../src/core/random.ts'
import type { Base } from './bases.ts'
import { mutateJson } from './mutate-json.ts'
import { hdf5Addresses, matlabTags, protobufTokens, zipFields, type Token } from './structure.ts'

/** The files of a base with one to four changes. The same base, seed and number give the same mutant. */
export function mutant(base: Base, seed: number, number: number): ReadonlyMap<string, Buffer> {
  const random = randomStream(seed, number)
  const files = new Map(base.files)
  const changes = 1 + randomIndex(random, 4)
  for (let change = 0; change < changes; change++) {
    const name = chosenFile(base, random)
    files.set(name, mutatedFile(name, files.get(name)!, base, random))
  }
  return files
}

/** Descriptions more often than weights, which hold plain numbers. */
function chosenFile({ files }: Base, random: RandomGenerator): string {
  const names = [...files.keys()]
  const structured = names.filter((name) => /\.(json|h5|keras|onnx|mat|pb|index)$/.test(name))
  return structured.length > 0 && randomIndex(random, 8) > 0 ? pick(random, structured) : pick(random, names)
}

function mutatedFile(name: string, bytes: Buffer, base: Base, random: RandomGenerator): Buffer {
  const structural = randomIndex(random, 4) > 0
  if (!structural || bytes.length === 0) return mutateBytes(bytes, random, hotRanges(base, name, bytes))
  if (name.endsWith('.json')) return mutateJson(bytes, random)
  if (name.endsWith('.h5')) {
    if (randomIndex(random, 3) === 0) return mutateEmbeddedJson(bytes, random)
    return mutateToken(bytes, random, tokensOf(base, name, hdf5Addresses))
  }
  if (name.endsWith('.onnx') || name.endsWith('.pb')) return mutateToken(bytes, random, protobufTokens(bytes))
  if (name.endsWith('.mat')) return mutateToken(bytes, random, matlabTags(bytes))
  if (name.endsWith('.keras')) return mutateArchive(bytes, random)
  return mutateBytes(bytes, random, [])
}

const known = new WeakMap<Buffer, readonly Token[]>()

/** Of the unchanged file: finding them takes a while, and changes leave most where they were. */
function tokensOf({ files }: Base, name: string, find: (bytes: Buffer) => readonly Token[]): readonly Token[] {
  const original = files.get(name)!
  const tokens = known.get(original) ?? find(original)
  known.set(original, tokens)
  return tokens
}

/** Where a file has its structure, so that it is met more often than the long runs of weights. */
function hotRanges(base: Base, name: string, bytes: Buffer): readonly (readonly [number, number])[] {
  if (name.endsWith('.json') || bytes.length < 20_000) return []
  const ofProtobuf = name.endsWith('.onnx') || name.endsWith('.pb')
  const find = name.endsWith('.h5') ? hdf5Addresses : ofProtobuf ? protobufTokens : matlabTags
  const tokens = tokensOf(base, name, find)
  return tokens.map(({ start, end }) => [start, Math.min(end + 32, bytes.length)] as const)
}

type ByteChange = (bytes: Buffer, at: number, random: RandomGenerator) => Buffer

const BYTE_CHANGES: readonly ByteChange[] = [
  (bytes, at, random) => overwritten(bytes, at, [bytes[at] ^ (1 << randomIndex(random, 8))]),
  (bytes, at, random) => overwritten(bytes, at, [pick(random, [0, 1, 0x7f, 0x80, 0xfe, 0xff])]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => spliced(bytes, at, at, bytes.subarray(at, at + length(random))),
  (bytes, at, random) => spliced(bytes, at, at + length(random), Buffer.alloc(0)),
  (bytes, at, random) => overwritten(bytes, at, Buffer.alloc(length(random))),
  (bytes, at, random) => {
    const other = randomIndex(random, bytes.length)
    return overwritten(bytes, at, Buffer.from(bytes.subarray(other, other + length(random))))
  },
  (bytes, at, random) => overwritten(bytes, at, pick(random, EXTREMES)),
  (bytes, at, random) => spliced(bytes, at, at, pick(random, EXTREMES)),
]

/** Numbers that break products, signs and comparisons, as whole numbers of both byte orders and as floats. */
const EXTREMES: readonly Buffer[] = [
  0n, 1n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 63n - 1n, 2n ** 64n - 1n,
].flatMap((value) => {
  const little = Buffer.alloc(8)
  little.writeBigUInt64LE(value)
  const big = Buffer.from(little).reverse()
  return [little, little.subarray(0, 4), little.subarray(0, 2), big, big.subarray(4)]
})

function mutateBytes(bytes: Buffer, random: RandomGenerator, ranges: readonly (readonly [number, number])[]): Buffer {
  if (bytes.length === 0) return Buffer.from([randomIndex(random, 256)])
  let at = randomIndex(random, bytes.length)
  if (ranges.length > 0 && randomIndex(random, 8) > 0) {
    const [start, end] = pick(random, ranges)
    at = Math.min(start + randomIndex(random, Math.max(end - start, 1)), bytes.length - 1)
  }
  return pick(random, BYTE_CHANGES)(bytes, at, random)
}

/** A number of the structure becomes another one: an extreme, that of another place, or a neighbour. */
function mutateToken(bytes: Buffer, random: RandomGenerator, tokens: readonly Token[]): Buffer {
  const inside = tokens.filter(({ end }) => end <= bytes.length)
  if (inside.length === 0) return mutateBytes(bytes, random, [])
  const { start, end, encode } = pick(random, inside)
  const other = pick(random, inside)
  const choices: readonly (() => Uint8Array)[] = [
    () => encode(pick(random, NUMBERS)),
    () => bytes.subarray(other.start, other.end),
    () => Buffer.from(bytes.subarray(start, end)).map((byte, index) => (index === 0 ? byte + 1 : byte)),
    () => Buffer.from(bytes.subarray(start, end)).map((byte, index) => (index === 0 ? byte - 1 : byte)),
  ]
  // Whole fields repeat or go, as a writer gone wrong would leave them.
  if (randomIndex(random, 5) === 0) {
    const from = Math.min(start, other.start)
    const part = bytes.subarray(from, Math.min(Math.max(start, other.start), from + 4096))
    const goes = randomIndex(random, 2) === 0
    return goes ? spliced(bytes, from, from + part.length, Buffer.alloc(0)) : spliced(bytes, from, from, part)
  }
  return spliced(bytes, start, end, pick(random, choices)())
}

const NUMBERS = [
  0, 1, 2, 3, 127, 128, 255, 65_535, 2 ** 20, 2 ** 24, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 40, 2 ** 53,
]

/** The description inside an HDF5 file, at the same length. */
function mutateEmbeddedJson(bytes: Buffer, random: RandomGenerator): Buffer {
  const start = bytes.indexOf('{"')
  const end = start < 0 ? -1 : bytes.indexOf(0, start)
  if (end < 0) return mutateBytes(bytes, random, [])
  const changed = mutateJson(bytes.subarray(start, end), random).subarray(0, end - start)
  return overwritten(bytes, start, Buffer.concat([changed, Buffer.alloc(end - start - changed.length, 0x20)]))
}

/** Sizes lied about, members lost, or a member changed in place: yauzl checks no sums of what is not packed. */
function mutateArchive(bytes: Buffer, random: RandomGenerator): Buffer {
  const { tokens, members } = zipFields(bytes)
  if (randomIndex(random, 3) > 0 || members.length === 0) return mutateToken(bytes, random, tokens)
  const { start, end } = pick(random, members)
  const data = bytes.subarray(start, end)
  const changed = data[0] === 0x7b ? mutateJson(data, random) : mutateToken(data, random, hdf5Addresses(data))
  const kept = changed.subarray(0, data.length)
  return overwritten(bytes, start, Buffer.concat([kept, Buffer.alloc(data.length - kept.length, 0x20)]))
}

function overwritten(bytes: Buffer, at: number, values: ArrayLike<number>): Buffer {
  const copy = Buffer.from(bytes)
  for (let index = 0; index < values.length && at + index < copy.length; index++) copy[at + index] = values[index]
  return copy
}

function spliced(bytes: Buffer, start: number, end: number, values: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), values, bytes.subarray(end)])
}

function length(random: RandomGenerator): number {
  return 1 + randomIndex(random, pick(random, [4, 16, 256, 4096]))
}

export function pick<Value>(random: RandomGenerator, values: readonly Value[]): Value {
  return values[randomIndex(random, values.length)]
}
