import { describe, expect, it } from 'vitest'
import { CANDIDATE_PARTS, FLOWER_SPLITS, FLOWER_VARIANTS, flowerClasses, type FlowerSplit } from './classes.ts'
import { FLOWER_SIZE, flowerSpec, renderFlower } from './flower.ts'
import { CLASS_PIGMENTS } from './palette.ts'
import { renderScene, SAMPLES_PER_SIDE } from './render.ts'

const hash = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const area = (mask: Uint8Array): number => mask.reduce((sum, value) => sum + value, 0)

/** Hue in degrees and saturation of an RGB colour. */
function hueOf(red: number, green: number, blue: number): { hue: number; saturation: number } {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  const span = most - least
  const fromGreenOrBlue = most === green ? 2 + (blue - red) / span : 4 + (red - green) / span
  const sixth = most === red ? (green - blue) / span : fromGreenOrBlue
  return { hue: (sixth * 60 + 360) % 360, saturation: most === 0 ? 0 : span / most }
}

function nearestPigment(hue: number): number {
  const distances = CLASS_PIGMENTS.map((pigment) => {
    const difference = Math.abs(hue - pigment.hue) % 360
    return Math.min(difference, 360 - difference)
  })
  return distances.indexOf(Math.min(...distances))
}

describe('flowerClasses', () => {
  it.each(FLOWER_VARIANTS)('names the classes of %s so that sorting gives the label order', (variant) => {
    const classes = flowerClasses(variant)
    const names = classes.map(({ name }) => name)
    expect(names.length).toBe(Number(/\d+/.exec(variant)![0]))
    expect(names.toSorted()).toEqual(names)
    expect(classes.map(({ label }) => label)).toEqual([...names.keys()])
  })

  it('has every colour on both parts once: the colour alone leaves the part at one in two', () => {
    for (const pigment of CLASS_PIGMENTS) {
      const parts = flowerClasses('double-12c').filter((each) => each.pigment === pigment).map(({ part }) => part)
      expect(parts).toEqual(CANDIDATE_PARTS['double-12c'])
    }
  })
})

describe('flowerSpec', () => {
  it('gives the same bytes again, and other bytes for another seed, variant, split, label or index', () => {
    const bytes = (...args: Parameters<typeof flowerSpec>): string => hash(renderFlower(flowerSpec(...args)).image)
    const first = bytes('double-12c', 1, 'train', 2, 5)
    expect(bytes('double-12c', 1, 'train', 2, 5)).toBe(first)
    const others = [
      bytes('double-12c', 2, 'train', 2, 5), bytes('single-6c', 1, 'train', 2, 5), bytes('double-12c', 1, 'test', 2, 5),
      bytes('double-12c', 1, 'train', 3, 5), bytes('double-12c', 1, 'train', 2, 37),
    ]
    expect(new Set([first, ...others]).size).toBe(6)
  })

  it('never repeats a picture in another split', () => {
    const picture = (split: FlowerSplit, i: number): string =>
      hash(renderFlower(flowerSpec('single-6c', 4, split, i % 6, Math.floor(i / 6))).image)
    const pictures = FLOWER_SPLITS.flatMap((split) => Array.from({ length: 36 }, (_, i) => picture(split, i)))
    expect(new Set(pictures).size).toBe(3 * 36)
  })

  it('names class, image, pose and rotation, and gives every class the same poses', () => {
    expect(flowerSpec('single-6c', 1, 'train', 2, 30).name).toBe('class2_img30_p2_r7')
    const nameOf = (label: number, i: number): string => flowerSpec('double-12c', 1, 'train', label, i).name
    const poses = (label: number): string[] =>
      Array.from({ length: 40 }, (_, i) => nameOf(label, i).replace(/^class\d+_/, ''))
    expect(poses(7)).toEqual(poses(0))
  })

  it('refuses what does not exist', () => {
    expect(() => flowerSpec('single-6c', 1, 'train', 6, 0)).toThrow('no label 6')
    expect(() => flowerSpec('single-6c', -1, 'train', 0, 0)).toThrow('seed -1')
    expect(() => flowerSpec('single-6c', 1, 'train', 0, 0.5)).toThrow('index 0.5')
  })

  it('puts a class pigment on the part of the class, and in double-12c only on that candidate part', () => {
    for (let i = 0; i < 240; i++) {
      const spec = flowerSpec('double-12c', 8, 'train', i % 12, i)
      for (const { part, colour } of spec.scene.primitives) {
        if (!CANDIDATE_PARTS['double-12c'].includes(part)) continue
        const { hue, saturation } = hueOf(...colour)
        if (part === spec.class.part) expect(CLASS_PIGMENTS[nearestPigment(hue)]).toBe(spec.class.pigment)
        expect(saturation > 0.62, `${spec.name} ${part}`).toBe(part === spec.class.part)
      }
    }
  })
})

describe('renderFlower', () => {
  const specs = flowerClasses('double-12c').flatMap(({ label }) =>
    Array.from({ length: 15 }, (_, index) => flowerSpec('double-12c', 2, 'validation', label, index)))
  const areas = specs.map((spec) => ({ part: spec.class.part, area: area(renderFlower(spec).mask) }))

  it('shows enough of the discriminative part, but never the part alone', () => {
    for (const each of areas) {
      expect(each.area).toBeGreaterThan(0.015 * FLOWER_SIZE ** 2)
      expect(each.area).toBeLessThan(0.35 * FLOWER_SIZE ** 2)
    }
  })

  it('gives petals and pot areas that hardly tell them apart', () => {
    const [petals, pots] = (['petals', 'pot'] as const).map((part) => areas.filter((each) => each.part === part))
    const wins = petals.flatMap((a) => pots.map((b): number => (a.area > b.area ? 1 : a.area === b.area ? 0.5 : 0)))
    // Probability that a random petal mask is larger than a random pot mask.
    const probability = wins.reduce((sum, win) => sum + win, 0) / wins.length
    expect(probability).toBeGreaterThan(0.35)
    expect(probability).toBeLessThan(0.65)
  })

  it('lets the mask give the class away: its colour in the picture and the part under it', () => {
    for (const spec of specs.filter(({ index }) => index < 5)) {
      const { class: truth, scene } = spec
      const { image, mask } = renderFlower(spec)
      const sums = [0, 0, 0]
      mask.forEach((inside, pixel) => {
        for (let channel = 0; channel < 3; channel++) sums[channel] += inside * image[pixel * 3 + channel]
      })
      const part = CANDIDATE_PARTS['double-12c'].find((each) => hash(renderScene(scene, each).mask) === hash(mask))
      expect(CLASS_PIGMENTS[nearestPigment(hueOf(sums[0], sums[1], sums[2]).hue)]).toBe(truth.pigment)
      expect(part).toBe(truth.part)
    }
  })

  it('needs an odd number of samples for a majority', () => {
    expect(SAMPLES_PER_SIDE % 2).toBe(1)
  })
})
