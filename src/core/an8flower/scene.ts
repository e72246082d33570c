import type { Backdrop } from './backdrop.ts'
import type { Colour } from './palette.ts'
import type { Vector } from './vector.ts'

export const PARTS = ['petals', 'centre', 'stem', 'leaves', 'pot', 'soil', 'pebbles'] as const
export type Part = (typeof PARTS)[number]

interface Surface {
  readonly part: Part
  readonly colour: Colour
  /** Strength of the highlight, 0 for a matt surface. */
  readonly gloss: number
}

/** Solid ellipsoid. World units, y up, the pot stands on y = 0. */
export interface Ellipsoid extends Surface {
  readonly kind: 'ellipsoid'
  readonly centre: Vector
  /** Orthonormal: along its length, along its width, along its thickness. */
  readonly axes: readonly [Vector, Vector, Vector]
  /** Half lengths along the axes. */
  readonly radii: Vector
  /** Brightness grows from `1 - ramp` at the start of the length axis to `1 + ramp` at its end. */
  readonly ramp: number
  /** Darkening of the vein along the length axis, 0 for none. */
  readonly vein: number
}

/** Wall of a truncated cone about a vertical axis, open at both ends and visible from both sides. */
export interface Frustum extends Surface {
  readonly kind: 'frustum'
  /** Centre of the lower circle. */
  readonly base: Vector
  readonly height: number
  readonly bottomRadius: number
  readonly topRadius: number
}

export type Primitive = Ellipsoid | Frustum

/** Orthographic camera; all in pixels of the final image, angles in radians. */
export interface Camera {
  /** 0 looks along the ground, pi / 2 looks straight down. */
  readonly elevation: number
  readonly azimuth: number
  /** Pixels per world unit. */
  readonly scale: number
  /** Where the world's origin falls: `[x, y]`, x to the right, y down, from the top left corner. */
  readonly origin: readonly [number, number]
}

export interface Light {
  /** Unit vector towards the light in camera space: right, up, towards the viewer. */
  readonly direction: Vector
  readonly ambient: number
  readonly diffuse: number
  /** Colour of the light; multiplies what it falls on, the backdrop included. */
  readonly tint: Colour
}

export interface Scene {
  /** Height and width of the image in pixels. */
  readonly size: number
  readonly camera: Camera
  readonly light: Light
  readonly primitives: readonly Primitive[]
  readonly backdrop: Backdrop
}

/** World vectors of the camera's right, up and towards-the-viewer directions. */
export function cameraBasis(camera: Pick<Camera, 'elevation' | 'azimuth'>): readonly [Vector, Vector, Vector] {
  const [sinAzimuth, cosAzimuth] = [Math.sin(camera.azimuth), Math.cos(camera.azimuth)]
  const [sinElevation, cosElevation] = [Math.sin(camera.elevation), Math.cos(camera.elevation)]
  return [
    [cosAzimuth, 0, -sinAzimuth],
    [-sinElevation * sinAzimuth, cosElevation, -sinElevation * cosAzimuth],
    [cosElevation * sinAzimuth, sinElevation, cosElevation * cosAzimuth],
  ]
}
