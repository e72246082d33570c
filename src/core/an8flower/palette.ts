import type { RandomStream } from './random.ts'

/** Red, green and blue in `[0, 1]`. */
export type Colour = readonly [number, number, number]

/** Hue in degrees, saturation and value in `[0, 1]`. */
export interface Pigment {
  readonly name: string
  readonly hue: number
  readonly saturation: number
  readonly value: number
}

/** The six colours that give the class, in label order. */
export const CLASS_PIGMENTS: readonly Pigment[] = [
  { name: 'red', hue: 356, saturation: 0.88, value: 0.84 },
  { name: 'orange', hue: 27, saturation: 0.93, value: 0.97 },
  { name: 'yellow', hue: 54, saturation: 0.86, value: 0.98 },
  { name: 'turquoise', hue: 174, saturation: 0.82, value: 0.8 },
  { name: 'blue', hue: 222, saturation: 0.84, value: 0.88 },
  { name: 'magenta', hue: 307, saturation: 0.74, value: 0.86 },
]

/** What a candidate part wears when it does not carry the class: pale, dark, or of the hue of foliage. */
export const NEUTRAL_PIGMENTS: readonly Pigment[] = [
  { name: 'white', hue: 40, saturation: 0.05, value: 0.97 },
  { name: 'silver', hue: 220, saturation: 0.06, value: 0.7 },
  { name: 'charcoal', hue: 230, saturation: 0.12, value: 0.3 },
  { name: 'taupe', hue: 30, saturation: 0.22, value: 0.55 },
  { name: 'moss', hue: 96, saturation: 0.5, value: 0.52 },
]

export const FOLIAGE_PIGMENTS: readonly Pigment[] = [
  { name: 'leaf', hue: 112, saturation: 0.6, value: 0.56 },
  { name: 'fern', hue: 98, saturation: 0.56, value: 0.62 },
  { name: 'pine', hue: 132, saturation: 0.5, value: 0.44 },
]

export const SOIL_PIGMENTS: readonly Pigment[] = [
  { name: 'soil', hue: 24, saturation: 0.42, value: 0.26 },
  { name: 'peat', hue: 20, saturation: 0.3, value: 0.17 },
  { name: 'sand', hue: 38, saturation: 0.3, value: 0.68 },
  { name: 'gravel', hue: 215, saturation: 0.07, value: 0.5 },
  { name: 'lawn', hue: 104, saturation: 0.52, value: 0.45 },
]

/** Hue in degrees (any real), saturation and value in `[0, 1]`, to RGB in `[0, 1]`. */
export function fromHsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const sector = (((offset + hue / 60) % 6) + 6) % 6
    return value * (1 - saturation * Math.max(0, Math.min(sector, 4 - sector, 1)))
  }
  return [channel(5), channel(3), channel(1)]
}

/** One sample of a pigment; the spread stays far below the distance between any two class pigments. */
export function tintOf(pigment: Pigment, random: RandomStream): Colour {
  return fromHsv(
    pigment.hue + random.between(-5, 5),
    clamp(pigment.saturation + random.between(-0.06, 0.06)),
    clamp(pigment.value * random.between(0.74, 1.06)),
  )
}

export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
