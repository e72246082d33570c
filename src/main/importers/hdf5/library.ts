import h5wasm from 'h5wasm'

/** Emscripten's number for "permission denied". */
const PERMISSION_DENIED = 2

/** What is used of the library's file system, which lies in memory. */
interface MemoryFiles {
  open: (path: unknown, ...more: unknown[]) => unknown
  readonly ErrnoError: new (errno: number) => Error
  writeFile(path: string, data: Uint8Array, options: { canOwn: boolean }): void
  unlink(path: string): void
  closeStream(descriptor: number): void
}

export type Library = Awaited<typeof h5wasm.ready>

interface Guarded {
  readonly library: Library
  readonly files: MemoryFiles
}

/** The files of this process that the library may open at the moment; others are refused and remembered. */
const open = new Set<string>()
let refused: string[] = []
let ready: Promise<Guarded> | undefined
let opened = 0

/**
 * The HDF5 library in its in-memory build, which sees no file of the machine. Whatever it opens beside the files put
 * there by `withFile` is refused all the same: a data set may name another file as the place of its values, and
 * Emscripten's file system holds devices that lead out of it (/dev/stdin).
 */
function guardedLibrary(): Promise<Guarded> {
  ready ??= h5wasm.ready.then((library) => {
    const files = library.FS as unknown as MemoryFiles
    const openFile = files.open.bind(files)
    // Standard input, output and error: the library writes its own long reports there.
    for (const descriptor of [0, 1, 2]) files.closeStream(descriptor)
    for (const mode of [0, 1, 1]) openFile('/dev/null', mode)
    files.open = (path, ...more) => {
      if (typeof path === 'string' && open.has(path)) return openFile(path, ...more)
      refused.push(String(path))
      throw new files.ErrnoError(PERMISSION_DENIED)
    }
    return { library, files }
  })
  return ready
}

/** Puts the bytes where the library can open them under the name that `use` is given; takes them over. */
export async function withFile<Result>(
  bytes: Uint8Array,
  use: (library: Library, name: string) => Result,
): Promise<Result> {
  const { library, files } = await guardedLibrary()
  const name = `/model-${++opened}.h5`
  open.add(name)
  try {
    files.writeFile(name, bytes, { canOwn: true })
    return use(library, name)
  } finally {
    open.delete(name)
    files.unlink(name)
  }
}

/** Names of the other files that the library asked for since the last call. */
export function takeRefusedFiles(): string[] {
  const names = refused
  refused = []
  return names
}
