import { open } from 'node:fs/promises'
import path from 'node:path'
import { VebiError } from '../../shared/errors.ts'
import { PYTORCH_ENDINGS, PYTORCH_EXPORT, PYTORCH_SENTENCE } from '../../shared/model-formats.ts'

/** Endings that others use as well: only the first bytes tell. */
const SHARED_ENDINGS: ReadonlySet<string> = new Set(['.bin', '.ckpt'])
/** A zip archive, as PyTorch writes since 1.6, and a pickle of protocol 2 or newer, as it wrote before. */
const ZIP = [0x50, 0x4b, 0x03, 0x04]
const PICKLE = 0x80

/** The refusal of a file of PyTorch, told by its name and first bytes; null where it is none. It is never unpickled. */
export async function refusePyTorch(location: string): Promise<VebiError | null> {
  const ending = path.extname(location).toLowerCase()
  if (!PYTORCH_ENDINGS.some((each) => each === ending)) return null
  if (SHARED_ENDINGS.has(ending) && !looksLikePyTorch(await firstBytes(location))) return null
  return new VebiError('unsupported', `${location}: ${PYTORCH_SENTENCE}\n${PYTORCH_EXPORT.join('\n')}`)
}

function looksLikePyTorch(bytes: Uint8Array): boolean {
  const isPickle = bytes[0] === PICKLE && bytes[1] >= 2 && bytes[1] <= 5
  return isPickle || (bytes.length === ZIP.length && ZIP.every((byte, position) => bytes[position] === byte))
}

/** Fewer where the file is shorter or cannot be read. */
async function firstBytes(location: string): Promise<Uint8Array> {
  try {
    const handle = await open(location)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(ZIP.length), 0, ZIP.length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch {
    return new Uint8Array()
  }
}
