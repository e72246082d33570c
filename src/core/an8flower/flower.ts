import { BACKDROP_STYLES, type Backdrop, type Blob } from './backdrop.ts'
import {
  FLOWER_SPLITS,
  FLOWER_VARIANTS,
  flowerClasses,
  type FlowerClass,
  type FlowerSplit,
  type FlowerVariant,
} from './classes.ts'
import {
  CLASS_PIGMENTS,
  type Colour,
  FOLIAGE_PIGMENTS,
  fromHsv,
  NEUTRAL_PIGMENTS,
  SOIL_PIGMENTS,
  tintOf,
} from './palette.ts'
import { drawPebbles, drawPlant, type PlantColours } from './plant.ts'
import { type RandomStream, randomStream } from './random.ts'
import { projectedBounds, renderScene, type Rendering } from './render.ts'
import type { Camera, Light, Scene } from './scene.ts'
import { normalize } from './vector.ts'

/** Height and width of every image, as in the paper. */
export const FLOWER_SIZE = 112

/** Raise it whenever the same seed would give other pixels. */
export const FLOWER_GENERATOR_VERSION = 1

/** Camera elevations in degrees, one to a pose; each image deviates a little. */
const POSE_ELEVATIONS = [12, 22, 32, 42]
const ROTATIONS = 8

/** Everything that decides one image. */
export interface FlowerSpec {
  readonly variant: FlowerVariant
  readonly seed: number
  readonly split: FlowerSplit
  readonly class: FlowerClass
  readonly index: number
  /** `class2_img30_p1_r2`: label, index within the split, pose (elevation), rotation (azimuth). */
  readonly name: string
  readonly scene: Scene
}

/**
 * The image with this index. It depends on the arguments alone, so a longer data set begins with the
 * images of a shorter one. Throws RangeError when an argument is out of range.
 */
export function flowerSpec(
  variant: FlowerVariant,
  seed: number,
  split: FlowerSplit,
  label: number,
  index: number,
): FlowerSpec {
  const flowerClass = flowerClasses(variant)[label]
  if (!flowerClass) throw new RangeError(`flowerSpec: ${variant} has no label ${label}`)
  for (const [argument, value] of Object.entries({ seed, index })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`flowerSpec: ${argument} ${value} is not a whole number >= 0`)
    }
  }
  const key = [seed, FLOWER_VARIANTS.indexOf(variant), FLOWER_SPLITS.indexOf(split), label, index]
  const random = randomStream(key)
  // Cycled, not drawn: every class then has the same poses and rotations.
  const pose = index % POSE_ELEVATIONS.length
  const rotation = Math.floor(index / POSE_ELEVATIONS.length) % ROTATIONS
  return {
    variant,
    seed,
    split,
    class: flowerClass,
    index,
    name: `class${label}_img${index}_p${pose}_r${rotation}`,
    scene: drawScene(random, variant, flowerClass, pose, rotation),
  }
}

/** The image, `[112, 112, 3]` RGB, and the mask of the part that gives the class, `[112, 112]` of 0 and 1. */
export function renderFlower(spec: FlowerSpec): Rendering {
  return renderScene(spec.scene, spec.class.part)
}

function drawScene(
  random: RandomStream,
  variant: FlowerVariant,
  flowerClass: FlowerClass,
  pose: number,
  rotation: number,
): Scene {
  const elevation = (POSE_ELEVATIONS[pose] + random.between(-5, 5)) * (Math.PI / 180)
  const azimuth = ((rotation + random.between(-0.4, 0.4)) * 2 * Math.PI) / ROTATIONS
  const plant = drawPlant(random, drawColours(random, variant, flowerClass))
  const pebbleColours = Array.from({ length: random.integer(0, 3) }, () => distractor(random))
  const pebbles = drawPebbles(random, azimuth, pebbleColours)

  const unitCamera: Camera = { elevation, azimuth, scale: 1, origin: [0, 0] }
  const [left, right, bottom, top] = projectedBounds(plant, { camera: unitCamera })
  const scale = (FLOWER_SIZE * random.between(0.72, 0.94)) / Math.max(top - bottom, right - left)
  const camera: Camera = {
    elevation,
    azimuth,
    scale,
    origin: [
      random.between(2 - left * scale, FLOWER_SIZE - 2 - right * scale),
      random.between(2 + top * scale, FLOWER_SIZE - 2 + bottom * scale),
    ],
  }
  const light = drawLight(random)
  const backdrop = drawBackdrop(random, camera, light)
  return { size: FLOWER_SIZE, camera, light, primitives: [...plant, ...pebbles], backdrop }
}

/**
 * single-6c: the petals have the class colour, the pot any class colour, drawn apart from the class.
 * double-12c: one candidate part has the class colour and the other a neutral one. In both, small things
 * of any class colour (flower centre, pebbles, patches of the backdrop) say nothing about the class.
 */
function drawColours(random: RandomStream, variant: FlowerVariant, flowerClass: FlowerClass): PlantColours {
  const classColour = tintOf(flowerClass.pigment, random)
  const other = tintOf(random.pick(variant === 'single-6c' ? CLASS_PIGMENTS : NEUTRAL_PIGMENTS), random)
  const foliage = random.pick(FOLIAGE_PIGMENTS)
  return {
    petals: flowerClass.part === 'petals' ? classColour : other,
    pot: flowerClass.part === 'pot' ? classColour : other,
    centre: random.chance(0.6) ? tintOf(random.pick(SOIL_PIGMENTS), random) : distractor(random),
    stem: tintOf(foliage, random),
    leaves: tintOf(foliage, random),
    soil: tintOf(random.pick(SOIL_PIGMENTS), random),
  }
}

function distractor(random: RandomStream): Colour {
  return tintOf(random.pick(random.chance(0.75) ? CLASS_PIGMENTS : NEUTRAL_PIGMENTS), random)
}

function drawLight(random: RandomStream): Light {
  const warmth = random.between(-0.05, 0.05)
  return {
    direction: normalize([random.between(-0.8, 0.8), random.between(-0.4, 0.8), random.between(0.5, 1)]),
    ambient: random.between(0.5, 0.7),
    diffuse: random.between(0.34, 0.54),
    tint: [Math.min(1, 1 + warmth), 1 - Math.abs(warmth) / 3, Math.min(1, 1 - warmth)],
  }
}

function drawBackdrop(random: RandomStream, camera: Camera, light: Light): Backdrop {
  const style = random.pick(BACKDROP_STYLES)
  const [originX, originY] = camera.origin
  // The shadow falls away from the light, flattened as the ground is.
  const shadowReach = 0.55 * camera.scale
  const flat = Math.max(0.3, Math.sin(camera.elevation))
  const shadow: Blob = {
    centre: [originX - light.direction[0] * 0.4 * shadowReach, originY + 0.06 * camera.scale * flat],
    radii: [shadowReach, shadowReach * flat * 0.85],
    angle: 0,
    colour: [0.04, 0.05, 0.06],
    opacity: random.between(0.35, 0.6),
    softness: 0.7,
  }
  return {
    style,
    colours: drawBackdropColours(random, style),
    angle: random.between(0, 2 * Math.PI),
    horizon: originY - random.between(0.15, 0.9) * camera.scale,
    grain: random.between(9, 26),
    noiseSeed: random.integer(0, 0x7fff_ffff),
    blobs: [...Array.from({ length: random.integer(3, 8) }, () => drawPatch(random)), shadow],
  }
}

function drawBackdropColours(random: RandomStream, style: Backdrop['style']): [Colour, Colour] {
  const muted = (low: number, high: number): Colour =>
    fromHsv(random.between(0, 360), random.between(0.04, 0.3), random.between(low, high))
  switch (style) {
    case 'grass':
      return [
        fromHsv(random.between(195, 225), random.between(0.1, 0.38), random.between(0.72, 0.95)),
        fromHsv(random.between(82, 118), random.between(0.38, 0.6), random.between(0.42, 0.66)),
      ]
    case 'room':
      return [muted(0.55, 0.92), muted(0.35, 0.7)]
    case 'lights':
      return [muted(0.2, 0.45), muted(0.35, 0.65)]
    case 'gradient':
    case 'noise':
      return [muted(0.3, 0.65), muted(0.6, 0.97)]
  }
}

/** A patch of a distractor's colour somewhere in the backdrop. */
function drawPatch(random: RandomStream): Blob {
  const radius = random.between(3.5, 10)
  return {
    centre: [random.between(0, FLOWER_SIZE), random.between(0, FLOWER_SIZE)],
    radii: [radius, radius * random.between(0.5, 1)],
    angle: random.between(0, Math.PI),
    colour: distractor(random),
    opacity: random.between(0.7, 1),
    softness: random.between(0.15, 0.6),
  }
}
