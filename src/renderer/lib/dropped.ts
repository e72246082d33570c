/** What lies behind a drop, before anything is done with it. */
export interface Dropped {
  readonly file: File
  readonly isFolder: boolean
  /** Names of what stands in the folder, as far as the browser tells; empty for a file. */
  readonly names: readonly string[]
}

/** What is to be done with a drop. */
export type DropPlan =
  /** Images to be added and explained. */
  | { readonly kind: 'explain'; readonly files: readonly File[] }
  /** A file or folder whose path the host tells. */
  | { readonly kind: 'path'; readonly path: string }
  /** The host tells no paths, so that it must be chosen by hand: a project, or what a project is made of. */
  | { readonly kind: 'choose'; readonly name: string; readonly what: 'project' | 'ingredient' }

const IMAGE = /\.(png|jpe?g|webp)$/i
const PROJECT_FILE = 'project.sqlite'

/** Null where nothing was dropped. */
export function planDrop(dropped: readonly Dropped[], pathOf: (file: File) => string | null): DropPlan | null {
  const [first] = dropped
  if (!first) return null
  if (dropped.every(({ file, isFolder }) => !isFolder && IMAGE.test(file.name))) {
    return { kind: 'explain', files: dropped.map(({ file }) => file) }
  }
  const path = pathOf(first.file)
  if (path !== null) return { kind: 'path', path }
  const isProject = first.isFolder ? first.names.includes(PROJECT_FILE) : first.file.name === PROJECT_FILE
  return { kind: 'choose', name: first.file.name, what: isProject ? 'project' : 'ingredient' }
}

/** Must be called while the drop is being told: later the browser has forgotten it. */
export function readDrop(transfer: DataTransfer): Promise<Dropped[]> {
  const found = [...transfer.items].flatMap((item) => {
    const file = item.kind === 'file' ? item.getAsFile() : null
    return file ? [{ file, entry: item.webkitGetAsEntry() }] : []
  })
  return Promise.all(
    found.map(async ({ file, entry }) => ({
      file,
      isFolder: entry?.isDirectory ?? false,
      names: entry?.isDirectory ? await namesIn(entry as FileSystemDirectoryEntry) : [],
    })),
  )
}

/** The browser hands them out in portions; an empty one is the last. */
async function namesIn(folder: FileSystemDirectoryEntry): Promise<string[]> {
  const reader = folder.createReader()
  const names: string[] = []
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])))
    if (portion.length === 0) return names
    names.push(...portion.map(({ name }) => name))
    // A folder of images may hold any number of them; a project holds a few files.
    if (names.includes(PROJECT_FILE) || names.length > MOST_NAMES) return names
  }
}

const MOST_NAMES = 1000
