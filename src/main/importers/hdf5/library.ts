import h5wasm from 'h5wasm'

/** Emscripten's number for "permission denied". */
const PERMISSION_DENIED = 2
const PAGE_BYTES = 65_536
/** Memory that the library may take for any file: what it keeps of it, one unpacked chunk, and its values. */
const LEAST_MEMORY = 256 * 1024 * 1024
/** And for every byte of a file, which may be one packed chunk. */
const MEMORY_PER_BYTE = 4

/** What is used of the library's file system, which lies in memory. */
interface MemoryFiles {
  open: (path: unknown, ...more: unknown[]) => unknown
  readonly ErrnoError: new (errno: number) => Error
  writeFile(path: string, data: Uint8Array, options: { canOwn: boolean }): void
  unlink(path: string): void
  closeStream(descriptor: number): void
}

/** Of WebAssembly's interface in JavaScript, what is used here. */
interface WasmMemory {
  readonly buffer: ArrayBufferLike
  grow: (pages: number) => number
}

export type Library = Awaited<typeof h5wasm.ready>

interface Guarded {
  readonly library: Library
  readonly files: MemoryFiles
  /** Sets how many bytes of memory the library may take; what goes beyond fails as where there is no more memory. */
  readonly limitMemory: (bytes: number) => void
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
    return { library, files, limitMemory: memoryLimitOf(library) }
  })
  return ready
}

/**
 * A damaged file can make the library ask for as much memory as there is, so its growth is bounded where it asks. The
 * module keeps its memory to itself: it is met where it grows.
 */
function memoryLimitOf(library: Library): Guarded['limitMemory'] {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }
  const { prototype } = WebAssembly.Memory
  const { grow } = prototype
  let most = Infinity
  const found: WasmMemory[] = []
  prototype.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer === library.HEAPU8.buffer) found.push(this)
    return grow.call(this, pages)
  }
  try {
    // As much again is more than is free.
    library._free(library._malloc(library.HEAPU8.length))
  } finally {
    prototype.grow = grow
  }
  const [memory] = found
  if (!memory) throw new Error('the HDF5 library has no memory of its own')
  memory.grow = (pages) => {
    const bytes = memory.buffer.byteLength + pages * PAGE_BYTES
    if (bytes > most) throw new RangeError(`${bytes} bytes of memory are more than a file may take`)
    return grow.call(memory, pages)
  }
  return (bytes) => {
    most = bytes
  }
}

/** Puts the bytes where the library can open them under the name that `use` is given; takes them over. */
export async function withFile<Result>(
  bytes: Uint8Array,
  use: (library: Library, name: string) => Result,
): Promise<Result> {
  const { library, files, limitMemory } = await guardedLibrary()
  const name = `/model-${++opened}.h5`
  limitMemory(LEAST_MEMORY + bytes.length * MEMORY_PER_BYTE)
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
