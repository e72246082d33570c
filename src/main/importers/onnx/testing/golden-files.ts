import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** Whole numbers of `step`, as base64 of gzip of int16. */
export interface WholeNumbers {
  readonly step: number
  readonly values: string
}

/** A file that a framework wrote, with what the framework computes; made by the programs under scripts/golden. */
export interface GoldenFile {
  readonly name: string
  /** Base64 of gzip. */
  readonly file: string
  readonly image: WholeNumbers & { readonly shape: readonly number[] }
  readonly output: readonly number[]
  /** Guided backpropagation of one channel of the layer-th layer with weights. */
  readonly heatmaps: readonly (WholeNumbers & { readonly layer: number; readonly channel: number })[]
}

export function goldenFiles(name: 'onnx-files.json' | 'tf2onnx-files.json'): readonly GoldenFile[] {
  const stored = new URL(`../../../../../scripts/golden/${name}`, import.meta.url)
  return (JSON.parse(readFileSync(stored, 'utf8')) as { cases: GoldenFile[] }).cases
}

export function unpacked(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'))
}

export function numbers({ step, values }: WholeNumbers): number[] {
  const bytes = unpacked(values)
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index) * step)
}
