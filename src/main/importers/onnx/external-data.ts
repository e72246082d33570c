import { access, constants, stat } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { TensorFault } from '../dataflow/tensor.ts'
import { realPathInside } from '../inside-folder.ts'
import type { FilePiece } from '../weight-in-file.ts'
import type { TensorMessage } from './messages.ts'
import { storedBytes } from './tensor.ts'

/** ONNX's DataLocation: the values of the tensor lie in another file. */
export const EXTERNAL = 1

/**
 * Finds the values of tensors that lie in files beside the model. Such a file must lie in the model's folder or below
 * it, links resolved. Throws VebiError naming the model and the tensor.
 */
export class ExternalData {
  private readonly file: string
  /** Bytes that may still be read: each file counts once, so that overlapping tensors cannot multiply. */
  private readonly budget = new Map<string, number>()

  constructor(file: string) {
    this.file = file
  }

  async place(tensor: TensorMessage): Promise<FilePiece> {
    const subject = `${this.file}: the tensor "${tensor.name}"`
    const location = tensor.external.get('location') ?? ''
    const source = await this.locate(subject, location)
    const offset = wholeNumber(subject, 'offset', tensor.external.get('offset') ?? '0')
    let length: number
    try {
      length = storedBytes(tensor)
    } catch (error) {
      if (error instanceof TensorFault) throw new VebiError('bad-model', `${subject} ${error.message}.`)
      throw error
    }
    const stated = tensor.external.get('length')
    if (stated !== undefined && wholeNumber(subject, 'length', stated) !== length) {
      const shape = `[${tensor.dimensions.join(', ')}]`
      throw new VebiError('bad-model', `${subject} of shape ${shape} takes ${length} bytes, but ${stated} are stated.`)
    }
    // Before it is opened: opening a pipe would wait for ever.
    const info = await stat(source)
    if (!info.isFile()) throw new VebiError('bad-model', `${subject} lies in "${location}", which is no file.`)
    if (offset + length > info.size) {
      throw new VebiError(
        'bad-model',
        `${subject} reaches to byte ${offset + length} of ${location}, which has ${info.size}.`,
      )
    }
    const left = (this.budget.get(source) ?? info.size) - length
    if (left < 0) throw new VebiError('bad-model', `${subject} shares bytes of ${location} with other tensors.`)
    this.budget.set(source, left)
    await requireReadable(source, `${subject} lies in ${location}`)
    return { file: source, offset, length }
  }

  /** The real path of a file inside the model's folder. */
  private async locate(subject: string, location: string): Promise<string> {
    if (location === '' || location.includes('\0')) {
      throw new VebiError('bad-model', `${subject} lies in another file, which it does not name.`)
    }
    let real: string | null
    try {
      real = await realPathInside(path.dirname(this.file), location)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new VebiError('missing-file', `${subject} lies in ${location}, which is missing beside the model.`)
      }
      throw new VebiError('bad-file', `${subject} lies in ${location}, which cannot be read: ${reasonOf(error)}.`)
    }
    if (real === null) throw new VebiError('bad-model', `${subject} lies in "${location}", outside the model's folder.`)
    return real
  }
}

async function requireReadable(source: string, subject: string): Promise<void> {
  try {
    await access(source, constants.R_OK)
  } catch (error) {
    throw new VebiError('bad-file', `${subject}, which cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

function wholeNumber(subject: string, role: string, text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (!Number.isNaN(value)) return value
  throw new VebiError('bad-model', `${subject} states the ${role} "${text}", which is no number of bytes.`)
}
