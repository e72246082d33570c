/**
 * Errors that a user can meet. Each carries a code for programs and one clear sentence for people;
 * the sentence names the file or object concerned and the reason.
 */
export type ErrorCode =
  | 'bad-argument'
  | 'bad-file'
  | 'missing-file'
  | 'unsupported'
  | 'bad-model'
  | 'bad-data'
  | 'overlap'
  | 'busy'
  | 'disk-full'
  | 'cancelled'
  | 'not-ready'
  | 'internal'

export class VebiError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'VebiError'
    this.code = code
  }
}

/** The sentence of any thrown value, for a message that embeds the cause. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Throws `cancelled` when the signal is set; called between batches so that cancelling is prompt. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new VebiError('cancelled', 'Cancelled by the user.')
}
