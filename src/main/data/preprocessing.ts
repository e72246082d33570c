import { z } from 'zod'
import { VebiError } from '../../shared/errors.ts'
import type { Preprocessing } from './types.ts'

const side = z.int().min(1).max(8192)
const perChannel = z.union([z.number(), z.array(z.number())], { error: 'must be a number or a list of numbers' })

const preprocessingOptions = z.strictObject({
  height: side,
  width: side,
  channels: z.union([z.literal(1), z.literal(3)], { error: 'must be 1 or 3' }),
  resize: z.enum(['fit', 'crop']).default('fit'),
  scale: z.number().refine((scale) => scale !== 0, 'must not be zero').default(1),
  mean: perChannel.default(0),
  std: perChannel.default(1),
  order: z.enum(['rgb', 'bgr']).default('rgb'),
})

/** What a user may give: size and channels of the network, the rest optional; mean and std single or per channel. */
export type PreprocessingOptions = z.input<typeof preprocessingOptions>

/**
 * Checks user options and fills in the defaults (fit, scale 1, mean 0, std 1, rgb). Equivalent options give equal
 * results: single values are spread over the channels, and a grey network has the order rgb. Throws
 * VebiError('bad-argument') naming the field.
 */
export function validatePreprocessing(options: unknown): Preprocessing {
  const parsed = preprocessingOptions.safeParse(options)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw refusal(issue.path.join('.') || 'options', issue.message)
  }
  const { height, width, channels, resize, scale, mean, std, order } = parsed.data
  const preprocessing: Preprocessing = {
    height,
    width,
    channels,
    resize,
    scale,
    mean: spread('mean', mean, channels),
    std: spread('std', std, channels),
    order: channels === 1 ? 'rgb' : order,
  }
  if (preprocessing.std.includes(0)) throw refusal('std', 'must not be zero')
  return preprocessing
}

/**
 * Canonical JSON of all that decides the network's input, for hashing. It also names the resampling, so that another
 * kernel would give other keys.
 */
export function preprocessingKey(preprocessing: Preprocessing): string {
  const { height, width, channels, resize, scale, mean, std, order } = preprocessing
  return JSON.stringify({
    height, width, channels, resize, scale, mean, std, order, resampling: 'bilinear-antialias', grey: 'bt601',
  })
}

function spread(field: string, value: number | number[], channels: number): number[] {
  const values = typeof value === 'number' ? [value] : value
  if (values.length === channels) return values
  if (values.length === 1) return new Array<number>(channels).fill(values[0])
  throw refusal(field, `has ${values.length} values for ${channels} channel${channels === 1 ? '' : 's'}`)
}

function refusal(field: string, reason: string): VebiError {
  return new VebiError('bad-argument', `Preprocessing, ${field}: ${reason}.`)
}
