/** How the user describes a set of images beside its location. */
export interface OpenOptions {
  /** Folder whose files have the same relative names as the images, with any image ending. */
  readonly masks?: string | undefined
  /** Class names in label order; without them the source decides. */
  readonly classes?: readonly string[] | undefined
  /** Counts images whose content hash is known. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}
