import { VebiError } from '../../../shared/errors.ts'

/**
 * Turns what the library throws into one sentence about `subject`. The library checks little: on a damaged file it may
 * as well run into WebAssembly's memory bounds, so its own words tell nothing.
 */
export function translated<Result>(subject: string, action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof VebiError) throw cause
    throw new VebiError('bad-file', `${subject} cannot be read as HDF5: its structure is damaged.`, { cause })
  }
}
