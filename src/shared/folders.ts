/** Places on the machine that the engine runs on. */

/** What lies in a folder of the machine that the engine runs on. */
export interface FolderListing {
  /** Absolute path. */
  readonly folder: string
  /** Null at the top. */
  readonly parent: string | null
  /** Folders first, each by name. */
  readonly entries: readonly FolderEntry[]
  /** Entries left out where there are too many. */
  readonly omitted: number
}

export interface FolderEntry {
  readonly name: string
  readonly path: string
  readonly kind: 'folder' | 'project' | 'file'
  readonly bytes: number
}

/** What a path that was dropped or typed leads to. */
export interface PathIdentity {
  readonly path: string
  readonly kind: 'project' | 'model' | 'images' | 'image' | 'other' | 'missing'
  /** What it is or why nothing can be done with it. */
  readonly sentence: string
}

export interface RecentProject {
  readonly folder: string
  /** Whether it is still there. */
  readonly exists: boolean
  /** Milliseconds since 1970. */
  readonly openedAt: number
}
