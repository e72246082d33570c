import { VebiError } from '../../../shared/errors.ts'

/** The code of the VebiError that `work` throws and its sentence; anything else fails the test. */
export function failureOf(work: () => unknown): { code: string; sentence: string } {
  try {
    work()
  } catch (error) {
    if (!(error instanceof VebiError)) throw error
    return { code: error.code, sentence: error.message }
  }
  throw new Error('expected a VebiError, nothing was thrown')
}
