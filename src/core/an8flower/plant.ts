import type { Colour } from './palette.ts'
import type { RandomStream } from './random.ts'
import type { Ellipsoid, Part, Primitive } from './scene.ts'
import { combine, cross, normalize, type Vector } from './vector.ts'

const UP: Vector = [0, 1, 0]
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))
const STEM_SEGMENTS = 7

/** Colours of the parts; the stamens share that of the centre. */
export interface PlantColours {
  readonly petals: Colour
  readonly centre: Colour
  readonly stem: Colour
  readonly leaves: Colour
  readonly pot: Colour
  readonly soil: Colour
}

/** Draws the shape of a potted flower: pot, stem, leaves, and a head of one or two rings of petals. */
export function drawPlant(random: RandomStream, colours: PlantColours): Primitive[] {
  const potHeight = random.between(0.5, 0.78)
  const pot = drawPot(random, potHeight, colours)

  const foot: Vector = [0, potHeight - 0.05, 0]
  const lean = random.between(0, 2 * Math.PI)
  const leanReach = random.between(0.02, 0.28)
  const stemHeight = random.between(0.65, 1.05)
  const head: Vector = [leanReach * Math.cos(lean), potHeight + stemHeight, leanReach * Math.sin(lean)]
  const bend: Vector = [-0.5 * head[0], potHeight + 0.55 * stemHeight, -0.5 * head[2]]
  const stemAt = (t: number): Vector => combine([(1 - t) ** 2, foot], [2 * t * (1 - t), bend], [t * t, head])

  return [
    ...pot,
    ...stemSegments(stemAt, random.between(0.035, 0.055), colours.stem),
    ...drawLeaves(random, stemAt, colours.leaves),
    ...drawHead(random, head, lean, colours),
  ]
}

/** Draws pebbles beside the pot, to the left and right of an observer at the azimuth given (radians). */
export function drawPebbles(random: RandomStream, azimuth: number, colours: readonly Colour[]): Ellipsoid[] {
  return colours.map((colour) => {
    const side = azimuth + (random.chance(0.5) ? 0 : Math.PI) + random.between(-0.6, 0.6)
    const distance = random.between(0.68, 1.05)
    const radius = random.between(0.08, 0.15)
    const height = radius * random.between(0.7, 1)
    return {
      ...surface('pebbles', colour, 0.15),
      centre: [distance * Math.cos(side), height, -distance * Math.sin(side)],
      axes: [[1, 0, 0], [0, 0, 1], UP],
      radii: [radius, radius * random.between(0.8, 1.2), height],
    }
  })
}

function drawPot(random: RandomStream, height: number, colours: PlantColours): Primitive[] {
  const bottomRadius = random.between(0.22, 0.34)
  const topRadius = bottomRadius + random.between(0.06, 0.17)
  const gloss = random.between(0, 0.25)
  const body = { kind: 'frustum', part: 'pot', colour: colours.pot, gloss } as const
  const wall: Primitive = { ...body, base: [0, 0, 0], height, bottomRadius, topRadius }
  const hasRim = random.chance(0.7)
  const rimHeight = random.between(0.1, 0.17)
  const mouth = hasRim ? topRadius + random.between(0.03, 0.06) : topRadius
  const soil: Ellipsoid = {
    ...surface('soil', colours.soil, 0),
    centre: [0, height - 0.06, 0],
    axes: [[1, 0, 0], [0, 0, 1], UP],
    // Wide enough to close the gap between the wall and the rim.
    radii: [mouth - 0.012, mouth - 0.012, 0.05],
  }
  if (!hasRim) return [wall, soil]
  return [
    wall,
    soil,
    { ...body, base: [0, height - rimHeight, 0], height: rimHeight, bottomRadius: mouth - 0.01, topRadius: mouth },
  ]
}

function stemSegments(stemAt: (t: number) => Vector, radius: number, colour: Colour): Ellipsoid[] {
  return Array.from({ length: STEM_SEGMENTS }, (_, i) => {
    const start = stemAt(i / STEM_SEGMENTS)
    const end = stemAt((i + 1) / STEM_SEGMENTS)
    const along = combine([1, end], [-1, start])
    const half = Math.hypot(...along) / 2
    return {
      ...surface('stem', colour, 0),
      centre: combine([0.5, start], [0.5, end]),
      axes: frame(along, [0, 0, 1]),
      // Longer than the segment, so that neighbours overlap and the outline stays even.
      radii: [half * 1.9, radius, radius],
    }
  })
}

function drawLeaves(random: RandomStream, stemAt: (t: number) => Vector, colour: Colour): Ellipsoid[] {
  const count = random.integer(2, 4)
  const firstAzimuth = random.between(0, 2 * Math.PI)
  return Array.from({ length: count }, (_, i) => {
    const azimuth = firstAzimuth + i * GOLDEN_ANGLE
    const rise = random.between(0.15, 0.9)
    const along: Vector = normalize([Math.cos(azimuth), Math.tan(rise), Math.sin(azimuth)])
    const half = random.between(0.2, 0.34)
    return {
      ...surface('leaves', colour, 0),
      centre: combine([1, stemAt(random.between(0.15, 0.6))], [half * 0.95, along]),
      axes: frame(along, UP),
      radii: [half, half * random.between(0.28, 0.42), 0.025],
      ramp: 0.1,
      vein: 0.25,
    }
  })
}

function drawHead(random: RandomStream, head: Vector, lean: number, colours: PlantColours): Ellipsoid[] {
  const tilt = random.between(0.1, 0.75)
  const facing = lean + random.between(-0.7, 0.7)
  const forward: Vector = [Math.sin(tilt) * Math.cos(facing), Math.cos(tilt), Math.sin(tilt) * Math.sin(facing)]
  const [, across, along] = frame(forward, [0, 0, 1])

  const count = random.integer(5, 9)
  const half = random.between(0.23, 0.31)
  const slender = Math.min(random.between(0.55, 0.95), 4.4 / count)
  const cup = random.between(0.2, 0.8)
  const disc = random.between(0.13, 0.2)
  const phase = random.between(0, 2 * Math.PI)
  const ramp = random.between(-0.12, 0.2)
  const vein = random.between(0, 0.15)

  const ring = (petals: number, angle: number, length: number, lift: number): Ellipsoid[] =>
    Array.from({ length: petals }, (_, i) => {
      const turn = angle + (i * 2 * Math.PI) / petals
      const outward = combine([Math.cos(turn), across], [Math.sin(turn), along])
      const wobble = lift + random.between(-0.07, 0.07)
      const axis = combine([Math.cos(wobble), outward], [Math.sin(wobble), forward])
      return {
        ...surface('petals', colours.petals, 0),
        centre: combine([1, head], [disc * 0.55, outward], [length * 0.95, axis]),
        axes: frame(axis, forward),
        radii: [length, length * slender, 0.05],
        ramp,
        vein,
      }
    })
  const petals = ring(count, phase, half, cup)
  if (random.chance(0.45)) petals.push(...ring(count, phase + Math.PI / count, half * 0.72, cup + 0.3))

  const stamens = random.integer(0, 7)
  return [
    ...petals,
    {
      ...surface('centre', colours.centre, 0.05),
      centre: combine([1, head], [0.02, forward]),
      axes: [forward, across, along],
      radii: [random.between(0.06, 0.12), disc, disc],
      ramp: 0.15,
    },
    ...Array.from({ length: stamens }, (_, i): Ellipsoid => {
      const turn = phase + (i * 2 * Math.PI) / stamens
      return {
        ...surface('centre', colours.centre, 0.1),
        centre: combine(
          [1, head],
          [0.13, forward],
          [0.6 * disc * Math.cos(turn), across],
          [0.6 * disc * Math.sin(turn), along],
        ),
        axes: [forward, across, along],
        radii: [0.06, 0.03, 0.03],
        ramp: 0.25,
      }
    }),
  ]
}

function surface(part: Part, colour: Colour, gloss: number): Omit<Ellipsoid, 'centre' | 'axes' | 'radii'> {
  return { kind: 'ellipsoid', part, colour, gloss, ramp: 0, vein: 0 }
}

/** Orthonormal axes: the first along the vector given, the third as close to `normal` as it can be. */
function frame(along: Vector, normal: Vector): [Vector, Vector, Vector] {
  const first = normalize(along)
  const second = normalize(cross(normal, first))
  return [first, second, cross(first, second)]
}
