import type { Colour } from './palette.ts'
import { mix } from './random.ts'

export const BACKDROP_STYLES = ['gradient', 'noise', 'room', 'grass', 'lights'] as const
export type BackdropStyle = (typeof BACKDROP_STYLES)[number]

/** Soft-edged ellipse; centre and radii in pixels, angle in radians. */
export interface Blob {
  readonly centre: readonly [number, number]
  readonly radii: readonly [number, number]
  readonly angle: number
  readonly colour: Colour
  /** 0 leaves the backdrop as it is, 1 hides it. */
  readonly opacity: number
  /** Part of the radius over which the edge fades, in `(0, 1]`. */
  readonly softness: number
}

export interface Backdrop {
  readonly style: BackdropStyle
  /** First and second colour of the style: start and end, hollow and crest, wall and floor, sky and grass. */
  readonly colours: readonly [Colour, Colour]
  /** Direction of the gradient, radians. */
  readonly angle: number
  /** Row where the floor or the grass begins, pixels. */
  readonly horizon: number
  /** Pixels from crest to crest of the coarsest noise. */
  readonly grain: number
  readonly noiseSeed: number
  /** Painted in order; the shadow of the pot is one of them. */
  readonly blobs: readonly Blob[]
}

/** Paints the backdrop: RGB in `[0, 1]`, row-major `[size, size, 3]`. */
export function paintBackdrop(backdrop: Backdrop, size: number): Float32Array {
  const canvas = { size, pixels: new Float32Array(size * size * 3) }
  painters[backdrop.style](backdrop, canvas)
  for (const blob of backdrop.blobs) paintBlob(blob, canvas)
  return canvas.pixels
}

interface Canvas {
  readonly size: number
  /** RGB, `[size, size, 3]`. */
  readonly pixels: Float32Array
}

const WHITE: Colour = [1, 1, 1]

const painters: Record<BackdropStyle, (backdrop: Backdrop, canvas: Canvas) => void> = {
  gradient({ colours, angle }, canvas) {
    const position = positionAlong(angle, canvas.size)
    forEachPixel(canvas, (x, y, pixel) => {
      put(canvas, pixel, colours[0], colours[1], smooth(0.5 + 0.8 * position(x, y)), 1)
    })
  },
  noise({ colours, grain, noiseSeed }, canvas) {
    forEachPixel(canvas, (x, y, pixel) => {
      put(canvas, pixel, colours[0], colours[1], smooth(1.5 * octaves(x / grain, y / grain, noiseSeed) - 0.25), 1)
    })
  },
  room({ colours, grain, horizon, noiseSeed }, canvas) {
    forEachPixel(canvas, (x, y, pixel) => {
      const below = smooth((y - horizon) / 4 + 0.5)
      const planks = 0.06 * below * (valueNoise(x / (4 * grain), y / 3, noiseSeed) - 0.5)
      put(canvas, pixel, colours[0], colours[1], below, 0.92 + (0.16 * Math.abs(y - horizon)) / canvas.size + planks)
    })
  },
  grass({ colours, grain, horizon, noiseSeed }, canvas) {
    forEachPixel(canvas, (x, y, pixel) => {
      const edge = horizon + 7 * (valueNoise(x / 3, 0, noiseSeed ^ 1) - 0.5)
      if (y < edge) {
        put(canvas, pixel, colours[0], WHITE, 0.35 * octaves(x / (2 * grain), y / grain, noiseSeed ^ 2), 1)
      } else {
        const lean = 6 * valueNoise(x / grain, y / grain, noiseSeed ^ 3)
        const blade = valueNoise((x + lean) / 1.6, y / 9, noiseSeed)
        const meadow = valueNoise(x / grain, y / grain, noiseSeed ^ 4)
        put(canvas, pixel, colours[1], colours[1], 0, 0.6 + 0.55 * blade + 0.2 * meadow)
      }
    })
  },
  lights({ colours, angle, grain, noiseSeed }, canvas) {
    const position = positionAlong(angle, canvas.size)
    const discs = paintDiscs(canvas, grain, noiseSeed)
    forEachPixel(canvas, (x, y, pixel) => {
      put(canvas, pixel, colours[0], colours[1], smooth(0.5 + position(x, y)), 0.85 + 0.3 * discs[pixel])
    })
  },
}

/** Distance from the middle along a direction, in sizes of the image. */
function positionAlong(angle: number, size: number): (x: number, y: number) => number {
  const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size]
  return (x, y) => (x - size / 2) * cos + (y - size / 2) * sin
}

function put(canvas: Canvas, pixel: number, from: Colour, to: Colour, weight: number, brightness: number): void {
  for (let channel = 0; channel < 3; channel++) {
    canvas.pixels[pixel * 3 + channel] = (from[channel] + (to[channel] - from[channel]) * weight) * brightness
  }
}

/** Overlapping soft discs, one to each cell of the grain: the sum of their weights, `[size, size]`. */
function paintDiscs(canvas: Canvas, grain: number, seed: number): Float32Array {
  const { size } = canvas
  const sums = new Float32Array(size * size)
  const cells = Math.ceil(size / grain) + 1
  for (let row = -1; row < cells; row++) {
    for (let column = -1; column < cells; column++) {
      const centreX = (column + lattice(column, row, seed)) * grain
      const centreY = (row + lattice(column, row, seed ^ 5)) * grain
      const radius = (0.3 + 0.5 * lattice(column, row, seed ^ 6)) * grain
      const weight = lattice(column, row, seed ^ 7) - 0.3
      forEachPixelWithin(radius + 2, centreX, centreY, canvas, (x, y, pixel) => {
        sums[pixel] += weight * smooth((radius - Math.sqrt((x - centreX) ** 2 + (y - centreY) ** 2)) / 2 + 0.5)
      })
    }
  }
  return sums
}

function paintBlob(blob: Blob, canvas: Canvas): void {
  const { pixels } = canvas
  const [centreX, centreY] = blob.centre
  const [cos, sin] = [Math.cos(blob.angle), Math.sin(blob.angle)]
  forEachPixelWithin(Math.max(...blob.radii), centreX, centreY, canvas, (x, y, pixel) => {
    const along = ((x - centreX) * cos + (y - centreY) * sin) / blob.radii[0]
    const across = ((y - centreY) * cos - (x - centreX) * sin) / blob.radii[1]
    const weight = blob.opacity * smooth((1 - Math.sqrt(along * along + across * across)) / blob.softness)
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 3 + channel
      pixels[at] += (blob.colour[channel] - pixels[at]) * weight
    }
  })
}

type Visitor = (x: number, y: number, pixel: number) => void

function forEachPixel({ size }: Canvas, visit: Visitor): void {
  for (let pixel = 0; pixel < size * size; pixel++) {
    visit((pixel % size) + 0.5, Math.floor(pixel / size) + 0.5, pixel)
  }
}

/** Visits the centres of the pixels in the square of this half side, as far as it lies on the canvas. */
function forEachPixelWithin(
  reach: number,
  centreX: number,
  centreY: number,
  { size }: Canvas,
  visit: Visitor,
): void {
  const lastRow = Math.min(size, Math.ceil(centreY + reach))
  const lastColumn = Math.min(size, Math.ceil(centreX + reach))
  const firstColumn = Math.max(0, Math.floor(centreX - reach))
  for (let row = Math.max(0, Math.floor(centreY - reach)); row < lastRow; row++) {
    for (let column = firstColumn; column < lastColumn; column++) visit(column + 0.5, row + 0.5, row * size + column)
  }
}

/** Three octaves of value noise, in `[0, 1]`. */
function octaves(x: number, y: number, seed: number): number {
  const coarse = valueNoise(x, y, seed)
  const middle = valueNoise(2.1 * x, 2.1 * y, seed ^ 0x51)
  const fine = valueNoise(4.3 * x, 4.3 * y, seed ^ 0xa7)
  return (4 * coarse + 2 * middle + fine) / 7
}

/** Random values on the integer grid with smooth interpolation between them, in `[0, 1]`. */
function valueNoise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const across = smooth(x - column)
  const top = lattice(column, row, seed) * (1 - across) + lattice(column + 1, row, seed) * across
  const bottom = lattice(column, row + 1, seed) * (1 - across) + lattice(column + 1, row + 1, seed) * across
  return top + (bottom - top) * smooth(y - row)
}

function lattice(column: number, row: number, seed: number): number {
  return (mix(seed ^ Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1)) >>> 0) / 0xffff_ffff
}

/** 0 below 0, 1 above 1, and 3t^2 - 2t^3 between. */
function smooth(t: number): number {
  if (t <= 0) return 0
  return t >= 1 ? 1 : t * t * (3 - 2 * t)
}
