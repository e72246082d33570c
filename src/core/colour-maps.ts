import { VebiError } from '../shared/errors.ts'

export const COLOUR_MAP_NAMES = ['viridis', 'cividis', 'jet', 'inferno', 'gray', 'coolwarm'] as const
export type ColourMapName = (typeof COLOUR_MAP_NAMES)[number]

/** Red, green and blue, 0..255. */
export type Rgb = readonly [number, number, number]

/**
 * Evenly spaced control points, six hexadecimal digits each; colours between them are linear in sRGB.
 * viridis, inferno: 33 of the 256 entries of the tables by N. Smith and S. van der Walt (matplotlib, CC0).
 * cividis: of the table by J. Nunez, C. Anderton and R. Renslow (PLOS ONE 2018). jet: as the paper used it; the
 * definition of matplotlib at the same 33 places.
 * coolwarm: computed from K. Moreland's definition (Diverging Color Maps for Scientific Visualization, ISVC 2009).
 * `scripts/golden/colour_maps.py --points` prints them.
 */
const CONTROL_POINTS: Record<ColourMapName, readonly Rgb[]> = {
  viridis: parsePoints(
    '440154470d6048186a482374472d7b4536814240863f49893b528b375a8d33638d2f6a8e2c728e297a8e26818e23898e21908c' +
      '1f988b1f9f8821a68528ae8031b57b3ebc744cc26c5dc9636ece5882d34c96d83fabdc32c0df24d5e21aeae51afde725',
  ),
  inferno: parsePoints(
    '0000040403120b0724150b37210c4a2e0a5a3c09654a0c6b57106d63146e70196e7d1e6d89226a962766a32b61af315cbb3755' +
      'c63e4dd14644db4f3be35932eb6528f1711ef67f14f98d0afb9c06fcab0ffbba1ff9ca32f5d949f2e865f3f586fcffa4',
  ),
  cividis: parsePoints(
    '00224e00285b002e6a0433711a386f273e6e32436d3b496c434e6c4b546c52596d5a5f6e61656f686a716f70737576767c7b78' +
      '8481798b8778938d789b9376a39a75aba072b3a670bbad6cc3b469ccba64d4c15fddc958e6d051efd748f8df3cfee838',
  ),
  jet: parsePoints(
    '0000800000a40000c80000ec0000ff0020ff0040ff0060ff0080ff009fff00bfff00dffc15ffe22effc948ffaf62ff957bff7b' +
      '95ff62afff48c9ff2ee2ff15fcf000ffd200ffb500ff9700ff7a00ff5c00ff3f00ff2100ec0400c80000a40000800000',
  ),
  gray: parsePoints('000000ffffff'),
  coolwarm: parsePoints(
    '3b4cc0445acc4e68d75875e16282ea6c8ef1779af782a5fb8db0fe98b9ffa3c2ffaec9fdb8d0f9c2d5f4ccd9eed5dbe6dddddd' +
      'e5d8d1ecd3c6f1ccb9f5c4adf7bba0f7b194f7a687f49a7bf18d6fec7f63e57057de614cd55042cb3e38c0282fb40426',
  ),
}

function parsePoints(hexadecimal: string): Rgb[] {
  const points: Rgb[] = []
  for (let at = 0; at < hexadecimal.length; at += 6) {
    const value = parseInt(hexadecimal.slice(at, at + 6), 16)
    points.push([value >> 16, (value >> 8) & 255, value & 255])
  }
  return points
}

/** The colour at a position in [0, 1]; positions outside are clamped. */
export function colourAt(name: ColourMapName, position: number): Rgb {
  const points = CONTROL_POINTS[name]
  const scaled = Math.min(1, Math.max(0, position)) * (points.length - 1)
  const index = Math.min(points.length - 2, Math.floor(scaled))
  const fraction = scaled - index
  const [from, to] = [points[index], points[index + 1]]
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(from[channel] + (to[channel] - from[channel]) * fraction)
  return [mix(0), mix(1), mix(2)]
}

/** `#rrggbb` of the colour at a position in [0, 1]. */
export function hexAt(name: ColourMapName, position: number): string {
  return '#' + colourAt(name, position).map((value) => value.toString(16).padStart(2, '0')).join('')
}

/** Relative width below which a range is rounding error of 32-bit floats, not signal. */
const FLAT_TOLERANCE = 1e-6

/**
 * Whether a range holds nothing to stretch: `max == min`, or a difference within float32 rounding of the
 * values themselves. Stretching such a range would show noise as structure.
 */
export function isFlatRange(min: number, max: number): boolean {
  return !(max - min > FLAT_TOLERANCE * Math.max(Math.abs(min), Math.abs(max)))
}

export interface ColouredMap {
  /** `[values, 3]`, row-major in the order of the values. */
  readonly rgb: Uint8Array
  /** The range was flat: every pixel has the one colour of the lower end (of the middle, for coolwarm). */
  readonly flat: boolean
  /** How many values lay outside [min, max] and were clamped to its ends. */
  readonly clamped: number
}

/**
 * Colours values over the locked range [min, max]: the range is the caller's and never taken from the values.
 * Throws VebiError('bad-data') when a value or an end of the range is not a number.
 */
export function applyColourMap(name: ColourMapName, values: ArrayLike<number>, min: number, max: number): ColouredMap {
  if (!Number.isFinite(min) || !Number.isFinite(max) || max < min) {
    throw new VebiError('bad-data', `A colour scale cannot run from ${min} to ${max}.`)
  }
  const flat = isFlatRange(min, max)
  const flatPosition = name === 'coolwarm' ? 0.5 : 0
  const rgb = new Uint8Array(values.length * 3)
  let clamped = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (Number.isNaN(value)) throw new VebiError('bad-data', `Value ${i} of a map to be coloured is not a number.`)
    if (value < min || value > max) clamped++
    rgb.set(colourAt(name, flat ? flatPosition : (value - min) / (max - min)), i * 3)
  }
  return { rgb, flat, clamped }
}
