/** Images of a project, and what the network says of them. They are named by id: `train/17`, `test/0`, `added/3`. */

export type ImageRole = 'train' | 'test'

/** Of the project's data, or one that the user added to look at. */
export type ImageId = `${ImageRole | 'added'}/${number}`

export interface ImageSetInfo {
  readonly images: number
  /** Images of each class, `[C]`. */
  readonly perClass: readonly number[]
  readonly masks: number
  /** What was left out or looks unusual, one sentence each. */
  readonly notes: readonly string[]
}

export interface UnreadableImage {
  readonly name: string
  readonly reason: string
}

/** An image that the user added. */
export interface AddedImage {
  readonly id: ImageId
  readonly name: string
  /** Of the file, in pixels. */
  readonly height: number
  readonly width: number
}

export interface ImageInfo {
  readonly id: ImageId
  readonly name: string
  /** Class index. */
  readonly label: number
  readonly hasMask: boolean
}

export interface Picture {
  readonly mime: 'image/png'
  readonly bytes: Uint8Array
  readonly height: number
  readonly width: number
}

export interface Prediction extends ImageInfo {
  readonly predicted: number
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number
}

/** A stretch of a list that may be long. */
export interface Page<Item> {
  /** Length of the whole list. */
  readonly total: number
  readonly items: readonly Item[]
}

export interface PredictionPage extends Page<Prediction> {
  /** Share of all readable test images that are predicted right. */
  readonly accuracy: number
  readonly unreadable: number
}
