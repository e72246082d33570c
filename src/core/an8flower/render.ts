import { paintBackdrop } from './backdrop.ts'
import { clamp } from './palette.ts'
import { cameraBasis, type Ellipsoid, type Frustum, type Part, type Primitive, type Scene } from './scene.ts'
import { combine, dot, normalize, type Vector } from './vector.ts'

/** Samples along each side of a pixel. Odd, so that a mask pixel is decided by a true majority. */
export const SAMPLES_PER_SIDE = 3
const SAMPLES = SAMPLES_PER_SIDE ** 2
const MIDDLE = (SAMPLES_PER_SIDE - 1) / 2

const HIGHLIGHT_EXPONENT = 24
/** Light reaches this far (cosine) beyond the terminator, as it does from a broad source. */
const WRAP = 0.3

export interface Rendering {
  /** RGB, row-major `[size, size, 3]`. */
  readonly image: Uint8Array
  /** `[size, size]`; 1 where most of the pixel's samples see the part, nothing being in front of it; else 0. */
  readonly mask: Uint8Array
}

/** A primitive in camera space (pixels, x right, y up, z towards the viewer). */
interface Solid {
  /** `[left, right, bottom, top]` of its projection, x right and y up from the projected world origin. */
  readonly bounds: readonly [number, number, number, number]
  /** Depth of the nearest surface point, or minus infinity where the ray misses. */
  depthAt(x: number, y: number): number
  /** Writes the unit normal into `normal` and returns the brightness of the pigment at the point. */
  shadeAt(x: number, y: number, z: number, normal: Float64Array): number
}

/**
 * Renders a scene with a z-buffer at `SAMPLES_PER_SIDE` squared samples per pixel, diffuse and ambient
 * light and a small highlight. Image and mask come from the same buffer. A pixel that one primitive
 * fills is shaded once, at its centre; any other pixel is the mean over its samples.
 */
export function renderScene(scene: Scene, maskedPart: Part): Rendering {
  const { size, light, primitives } = scene
  const [originX, originY] = scene.camera.origin
  const side = size * SAMPLES_PER_SIDE
  const solids = primitives.map((primitive) => toSolid(primitive, scene))
  const { depths, owners } = fillBuffers(solids, scene)
  const backdrop = paintBackdrop(scene.backdrop, size)
  const image = new Uint8Array(size * size * 3)
  const mask = new Uint8Array(size * size)
  const normal = new Float64Array(3)
  const halfway = normalize([light.direction[0], light.direction[1], light.direction[2] + 1])
  const isMasked = Uint8Array.from(primitives, ({ part }) => (part === maskedPart ? 1 : 0))
  // Typed, because captured numbers would be boxed anew at every sample.
  const sum = new Float64Array(3)
  const addSample = (sampleRow: number, sampleColumn: number, weight: number): void => {
    const at = sampleRow * side + sampleColumn
    const primitive = primitives[owners[at]]
    const x = (sampleColumn + 0.5) / SAMPLES_PER_SIDE - originX
    const y = originY - (sampleRow + 0.5) / SAMPLES_PER_SIDE
    const pigment = solids[owners[at]].shadeAt(x, y, depths[at], normal)
    const [lightX, lightY, lightZ] = light.direction
    const facing = normal[0] * lightX + normal[1] * lightY + normal[2] * lightZ
    const diffuse = light.diffuse * Math.max(0, (facing + WRAP) / (1 + WRAP))
    const bright = pigment * (light.ambient * (0.92 + 0.08 * normal[1]) + diffuse)
    let highlight = 0
    if (primitive.gloss > 0) {
      const mirror = normal[0] * halfway[0] + normal[1] * halfway[1] + normal[2] * halfway[2]
      highlight = primitive.gloss * Math.max(0, mirror) ** HIGHLIGHT_EXPONENT
    }
    for (let channel = 0; channel < 3; channel++) {
      sum[channel] += weight * clamp(primitive.colour[channel] * bright + highlight)
    }
  }

  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const firstRow = row * SAMPLES_PER_SIDE
      const firstColumn = column * SAMPLES_PER_SIDE
      const centreOwner = owners[(firstRow + MIDDLE) * side + firstColumn + MIDDLE]
      let covered = 0
      let masked = 0
      let alike = 0
      for (let sampleRow = firstRow; sampleRow < firstRow + SAMPLES_PER_SIDE; sampleRow++) {
        for (let sampleColumn = firstColumn; sampleColumn < firstColumn + SAMPLES_PER_SIDE; sampleColumn++) {
          const owner = owners[sampleRow * side + sampleColumn]
          if (owner === centreOwner) alike++
          if (owner < 0) continue
          covered++
          masked += isMasked[owner]
        }
      }
      sum.fill(0)
      if (alike === SAMPLES && covered > 0) {
        addSample(firstRow + MIDDLE, firstColumn + MIDDLE, SAMPLES)
      } else if (covered > 0) {
        for (let sample = 0; sample < SAMPLES; sample++) {
          const sampleRow = firstRow + Math.floor(sample / SAMPLES_PER_SIDE)
          const sampleColumn = firstColumn + (sample % SAMPLES_PER_SIDE)
          if (owners[sampleRow * side + sampleColumn] >= 0) addSample(sampleRow, sampleColumn, 1)
        }
      }
      const pixel = row * size + column
      const open = SAMPLES - covered
      for (let channel = 0; channel < 3; channel++) {
        const mean = (sum[channel] + open * backdrop[pixel * 3 + channel]) / SAMPLES
        image[pixel * 3 + channel] = toByte(mean * light.tint[channel])
      }
      mask[pixel] = 2 * masked > SAMPLES ? 1 : 0
    }
  }
  return { image, mask }
}

/** `[left, right, bottom, top]` of the primitives' projection in pixels, y up, for an origin at (0, 0). */
export function projectedBounds(
  primitives: readonly Primitive[],
  scene: Pick<Scene, 'camera'>,
): readonly [number, number, number, number] {
  const bounds = primitives.map((primitive) => toSolid(primitive, scene).bounds)
  return [
    Math.min(...bounds.map(([left]) => left)),
    Math.max(...bounds.map(([, right]) => right)),
    Math.min(...bounds.map(([, , bottom]) => bottom)),
    Math.max(...bounds.map(([, , , top]) => top)),
  ]
}

function fillBuffers(solids: readonly Solid[], scene: Scene): { depths: Float32Array; owners: Int16Array } {
  const side = scene.size * SAMPLES_PER_SIDE
  const depths = new Float32Array(side * side).fill(-Infinity)
  const owners = new Int16Array(side * side).fill(-1)
  const [originX, originY] = scene.camera.origin
  solids.forEach((solid, owner) => {
    const [left, right, bottom, top] = solid.bounds
    const firstColumn = Math.max(0, Math.floor((originX + left) * SAMPLES_PER_SIDE))
    const lastColumn = Math.min(side - 1, Math.ceil((originX + right) * SAMPLES_PER_SIDE))
    const firstRow = Math.max(0, Math.floor((originY - top) * SAMPLES_PER_SIDE))
    const lastRow = Math.min(side - 1, Math.ceil((originY - bottom) * SAMPLES_PER_SIDE))
    for (let row = firstRow; row <= lastRow; row++) {
      const y = originY - (row + 0.5) / SAMPLES_PER_SIDE
      for (let column = firstColumn; column <= lastColumn; column++) {
        const depth = solid.depthAt((column + 0.5) / SAMPLES_PER_SIDE - originX, y)
        const at = row * side + column
        if (depth > depths[at]) {
          depths[at] = depth
          owners[at] = owner
        }
      }
    }
  })
  return { depths, owners }
}

function toByte(value: number): number {
  return Math.round(clamp(value) * 255)
}

function toSolid(primitive: Primitive, scene: Pick<Scene, 'camera'>): Solid {
  return primitive.kind === 'ellipsoid' ? ellipsoidSolid(primitive, scene) : frustumSolid(primitive, scene)
}

function toCamera(vector: Vector, basis: readonly [Vector, Vector, Vector]): Vector {
  return [dot(basis[0], vector), dot(basis[1], vector), dot(basis[2], vector)]
}

function ellipsoidSolid(ellipsoid: Ellipsoid, { camera }: Pick<Scene, 'camera'>): Solid {
  const basis = cameraBasis(camera)
  const centre = toCamera(ellipsoid.centre, basis).map((value) => value * camera.scale) as [number, number, number]
  const radii = ellipsoid.radii.map((radius) => radius * camera.scale)
  const axes = ellipsoid.axes.map((axis) => toCamera(axis, basis))
  // Rows of the map to the unit sphere: |scaled * (p - centre)| = 1 on the surface.
  const scaleAxis = (i: 0 | 1 | 2): Vector => combine([1 / radii[i], axes[i]])
  const [length, width, thickness] = [scaleAxis(0), scaleAxis(1), scaleAxis(2)]
  const product = (i: number, j: number): number =>
    length[i] * length[j] + width[i] * width[j] + thickness[i] * thickness[j]
  const [xx, xy, yy] = [product(0, 0), product(0, 1), product(1, 1)]
  const [xz, yz, zz] = [product(0, 2), product(1, 2), product(2, 2)]
  const reach = [0, 1].map((i) => Math.hypot(...axes.map((axis, j) => axis[i] * radii[j])))
  return {
    bounds: [centre[0] - reach[0], centre[0] + reach[0], centre[1] - reach[1], centre[1] + reach[1]],
    depthAt(x, y) {
      const dx = x - centre[0]
      const dy = y - centre[1]
      const linear = xz * dx + yz * dy
      const discriminant = linear * linear - zz * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy - 1)
      return discriminant < 0 ? -Infinity : centre[2] + (Math.sqrt(discriminant) - linear) / zz
    },
    shadeAt(x, y, z, normal) {
      const dx = x - centre[0]
      const dy = y - centre[1]
      const dz = z - centre[2]
      const along = length[0] * dx + length[1] * dy + length[2] * dz
      const across = width[0] * dx + width[1] * dy + width[2] * dz
      const through = thickness[0] * dx + thickness[1] * dy + thickness[2] * dz
      writeUnit(
        length[0] * along + width[0] * across + thickness[0] * through,
        length[1] * along + width[1] * across + thickness[1] * through,
        length[2] * along + width[2] * across + thickness[2] * through,
        normal,
      )
      return (1 + ellipsoid.ramp * along) * (1 - ellipsoid.vein * Math.max(0, 1 - Math.abs(across) / 0.16))
    },
  }
}

function frustumSolid(frustum: Frustum, { camera }: Pick<Scene, 'camera'>): Solid {
  const basis = cameraBasis(camera)
  const [right, up, toward] = basis
  const base = toCamera(frustum.base, basis).map((value) => value * camera.scale) as [number, number, number]
  const height = frustum.height * camera.scale
  const bottomRadius = frustum.bottomRadius * camera.scale
  const topRadius = frustum.topRadius * camera.scale
  const slope = (topRadius - bottomRadius) / height
  // With q = right * x + up * y + toward * z from the base: q.x^2 + q.z^2 = (bottomRadius + slope * q.y)^2.
  const quadratic = toward[0] ** 2 + toward[2] ** 2 - (slope * toward[1]) ** 2
  const widest = Math.max(bottomRadius, topRadius)
  const tilt = Math.sin(camera.elevation)
  const topHeight = height * up[1]
  return {
    bounds: [
      base[0] - widest,
      base[0] + widest,
      base[1] + Math.min(-bottomRadius * tilt, topHeight - topRadius * tilt),
      base[1] + Math.max(bottomRadius * tilt, topHeight + topRadius * tilt),
    ],
    depthAt(x, y) {
      const dx = x - base[0]
      const dy = y - base[1]
      const startX = right[0] * dx + up[0] * dy
      const startY = right[1] * dx + up[1] * dy
      const startZ = right[2] * dx + up[2] * dy
      const startRadius = bottomRadius + slope * startY
      const linear = startX * toward[0] + startZ * toward[2] - startRadius * slope * toward[1]
      const constant = startX * startX + startZ * startZ - startRadius * startRadius
      const discriminant = linear * linear - quadratic * constant
      if (discriminant < 0) return -Infinity
      const root = Math.sqrt(discriminant)
      const first = (-root - linear) / quadratic
      const second = (root - linear) / quadratic
      const firstLevel = startY + toward[1] * first
      const secondLevel = startY + toward[1] * second
      return Math.max(
        firstLevel >= 0 && firstLevel <= height ? base[2] + first : -Infinity,
        secondLevel >= 0 && secondLevel <= height ? base[2] + second : -Infinity,
      )
    },
    shadeAt(x, y, z, normal) {
      const dx = x - base[0]
      const dy = y - base[1]
      const dz = z - base[2]
      const outX = right[0] * dx + up[0] * dy + toward[0] * dz
      const outZ = right[2] * dx + up[2] * dy + toward[2] * dz
      const outY = -slope * Math.hypot(outX, outZ)
      const outward = toCamera([outX, outY, outZ], basis)
      // The far wall shows its inner side.
      const sign = outward[2] < 0 ? -1 : 1
      writeUnit(sign * outward[0], sign * outward[1], sign * outward[2], normal)
      return sign < 0 ? 0.9 : 1
    },
  }
}

function writeUnit(x: number, y: number, z: number, into: Float64Array): void {
  const length = Math.sqrt(x * x + y * y + z * z)
  into[0] = x / length
  into[1] = y / length
  into[2] = z / length
}
