import type { PreprocessingConfig } from '../../shared/project.ts'

/** An image as decoded: 8-bit samples, row-major `[height, width, channels]`, channels 1 (grey) or 3 (RGB). */
export interface RawImage {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** Binary mask, row-major `[height, width]`, 1 = discriminative part. */
export interface Mask {
  readonly height: number
  readonly width: number
  readonly data: Uint8Array
}

export interface ImageRecord {
  /** SHA-256 (hex) of the encoded file, or of the raw pixels for IDX. */
  readonly hash: string
  /** Index into `ImageSource.classes`. */
  readonly label: number
  /** For messages and reports: a path relative to the data, or `train-images-idx3-ubyte.gz#17`. */
  readonly name: string
  /** Whether a mask exists for this image (CSV column, or a masks folder with the same relative name). */
  readonly hasMask: boolean
}

/** A set of labelled images in a fixed order (folder per class and CSV: by name; IDX: as stored). */
export interface ImageSource {
  /** The DATA argument that opened it. */
  readonly location: string
  /** Class names in label order. */
  readonly classes: readonly string[]
  readonly records: readonly ImageRecord[]
  /** What was left out or looks unusual (files that are no images, classes without an image), one sentence each. */
  readonly notes: readonly string[]
  /** The samples are not to be written to. Throws VebiError('bad-file') naming the image when it does not decode. */
  read(index: number): Promise<RawImage>
  /** Mask of the image, of the image's own size; throws VebiError('bad-data') when there is none. */
  readMask(index: number): Promise<Mask>
}

/** How an image becomes the network's input. All fields are part of the cache key. */
export type Preprocessing = PreprocessingConfig
