import { goldenNetworks, type GoldenNetwork } from '../../testing/golden-networks.ts'

/** A file that a framework wrote, with what the framework computes. */
export interface GoldenFile extends GoldenNetwork {
  /** Base64 of gzip. */
  readonly file: string
}

export function goldenFiles(name: 'onnx-files.json' | 'tf2onnx-files.json'): readonly GoldenFile[] {
  return goldenNetworks<GoldenFile>(name)
}
