import { open, type FileHandle } from 'node:fs/promises'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { changed, type FilePiece } from './weight-in-file.ts'

/** More files than reads are ever under way at once. */
const MOST_OPEN = 32

/** Files that several reads use at once; the latest ones stay open for the next reads. */
export class OpenFiles {
  private readonly opened = new Map<string, { readonly handle: Promise<FileHandle>; readers: number }>()

  /**
   * Fills `target` with the bytes from `from` on of the run that the pieces make. Throws VebiError naming the file that
   * cannot be read or is shorter than it was.
   */
  async read(pieces: readonly FilePiece[], from: number, target: Uint8Array): Promise<void> {
    let start = 0
    for (const { file, offset, length } of pieces) {
      const begin = Math.max(from, start)
      const end = Math.min(from + target.length, start + length)
      if (begin < end) await this.readFrom(file, offset + begin - start, target.subarray(begin - from, end - from))
      start += length
    }
  }

  /** When no read is under way any more. */
  async close(): Promise<void> {
    await Promise.all([...this.opened.keys()].map((file) => this.closeFile(file)))
  }

  private async readFrom(file: string, offset: number, target: Uint8Array): Promise<void> {
    const entry = this.opened.get(file) ?? { handle: open(file), readers: 0 }
    entry.readers++
    this.opened.set(file, entry)
    try {
      const handle = await entry.handle
      for (let done = 0; done < target.length;) {
        const { bytesRead } = await handle.read(target, done, target.length - done, offset + done)
        if (bytesRead === 0) throw changed(file)
        done += bytesRead
      }
    } catch (error) {
      if (error instanceof VebiError) throw error
      throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
    } finally {
      entry.readers--
      await this.closeOldest()
    }
  }

  private async closeOldest(): Promise<void> {
    if (this.opened.size <= MOST_OPEN) return
    const unused = [...this.opened].find(([, { readers }]) => readers === 0)
    if (unused) await this.closeFile(unused[0])
  }

  private async closeFile(file: string): Promise<void> {
    const { handle } = this.opened.get(file)!
    this.opened.delete(file)
    // One that did not open has been told where it was to be read.
    await handle.then((open) => open.close(), () => {})
  }
}
