import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { flowerSpec, renderFlower } from './flower.ts'
import { fromHsv } from './palette.ts'
import { projectedBounds, renderScene, SAMPLES_PER_SIDE } from './render.ts'
import { cameraBasis, type Primitive, type Scene } from './scene.ts'
import { combine, dot, type Vector } from './vector.ts'

interface Golden {
  scene: Scene
  image: string
  masks: { petals: string; pot: string }
  hsv: [number, number, number][]
  rgb: number[][]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/an8flower.json', import.meta.url), 'utf8'),
) as Golden

/** Where the ray `start + t * toward` leaves the solid towards the viewer, or minus infinity. All in the world. */
function nearestHit(primitive: Primitive, start: Vector, toward: Vector): number {
  if (primitive.kind === 'ellipsoid') {
    const shrink = (vector: Vector): Vector =>
      primitive.axes.map((axis, i) => dot(axis, vector) / primitive.radii[i]) as [number, number, number]
    const [from, along] = [shrink(combine([1, start], [-1, primitive.centre])), shrink(toward)]
    const speed = Math.hypot(...along)
    const closest = -dot(from, along) / speed ** 2
    const miss = Math.hypot(...combine([1, from], [closest, along]))
    return miss > 1 ? -Infinity : closest + Math.sqrt(1 - miss ** 2) / speed
  }
  // The wall is where the distance from the axis equals the radius: look for a change of sign, then halve.
  const outside = (t: number): number => {
    const [x, y, z] = combine([1, start], [t, toward], [-1, primitive.base])
    const slope = (primitive.topRadius - primitive.bottomRadius) / primitive.height
    return Math.hypot(x, z) - primitive.bottomRadius - slope * y
  }
  const step = 0.01
  for (let t = 3; t > -3; t -= step) {
    if (Math.sign(outside(t)) === Math.sign(outside(t - step))) continue
    let [near, far] = [t, t - step]
    for (let i = 0; i < 40; i++) {
      const middle = (near + far) / 2
      if (Math.sign(outside(middle)) === Math.sign(outside(near))) near = middle
      else far = middle
    }
    const level = start[1] + near * toward[1] - primitive.base[1]
    if (level >= 0 && level <= primitive.height) return near
  }
  return -Infinity
}

/** Index of the primitive that is seen at a point of the image (camera pixels, y up); -1 for none. */
function seenAt(scene: Scene, x: number, y: number): number {
  const [right, up, toward] = cameraBasis(scene.camera)
  const start = combine([x / scene.camera.scale, right], [y / scene.camera.scale, up])
  const hits = scene.primitives.map((primitive) => nearestHit(primitive, start, toward))
  const nearest = Math.max(...hits)
  return nearest === -Infinity ? -1 : hits.indexOf(nearest)
}

describe('renderScene', () => {
  it('gives the image and the masks that NumPy gives', () => {
    const { image, mask } = renderScene(golden.scene, 'petals')
    const expected = Buffer.from(golden.image, 'base64')
    const worst = image.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0)
    expect(image.length).toBe(expected.length)
    expect(worst).toBeLessThanOrEqual(1)
    expect(Buffer.from(mask).equals(Buffer.from(golden.masks.petals, 'base64'))).toBe(true)
    const pot = renderScene(golden.scene, 'pot').mask
    expect(Buffer.from(pot).equals(Buffer.from(golden.masks.pot, 'base64'))).toBe(true)
  })

  it('masks a part where most of the samples of a pixel see it', () => {
    const { scene } = flowerSpec('double-12c', 5, 'test', 3, 2)
    const masks = { petals: renderScene(scene, 'petals').mask, pot: renderScene(scene, 'pot').mask }
    const ones = { petals: 0, pot: 0 }
    for (let row = 3; row < scene.size; row += 7) {
      for (let column = 3; column < scene.size; column += 7) {
        const votes = { petals: 0, pot: 0 }
        for (let sample = 0; sample < SAMPLES_PER_SIDE ** 2; sample++) {
          const x = column + ((sample % SAMPLES_PER_SIDE) + 0.5) / SAMPLES_PER_SIDE - scene.camera.origin[0]
          const y = scene.camera.origin[1] - row - (Math.floor(sample / SAMPLES_PER_SIDE) + 0.5) / SAMPLES_PER_SIDE
          const part = scene.primitives[seenAt(scene, x, y)]?.part
          if (part === 'petals' || part === 'pot') votes[part]++
        }
        for (const part of ['petals', 'pot'] as const) {
          expect(masks[part][row * scene.size + column], `${part} at ${row}, ${column}`).toBe(votes[part] > 4.5 ? 1 : 0)
          ones[part] += masks[part][row * scene.size + column]
        }
      }
    }
    expect(Math.min(ones.petals, ones.pot)).toBeGreaterThan(8)
  })

  it('hides what stands behind and shows it again when the thing in front is taken away', () => {
    const { scene } = flowerSpec('double-12c', 5, 'test', 3, 2)
    const area = (shown: Scene): number => renderScene(shown, 'stem').mask.reduce((sum, value) => sum + value, 0)
    const bare = { ...scene, primitives: scene.primitives.filter(({ part }) => part === 'stem') }
    expect(area(bare)).toBeGreaterThan(area(scene))
  })

  it('bounds a projection tightly', () => {
    const { scene } = golden
    const [left, right, bottom, top] = projectedBounds(scene.primitives, scene)
    const primitives = scene.primitives.map((primitive): Primitive => ({ ...primitive, part: 'pot' }))
    const { mask } = renderScene({ ...scene, primitives }, 'pot')
    const covered = [...mask.keys()].filter((pixel) => mask[pixel] === 1)
    const columns = covered.map((pixel) => (pixel % scene.size) + 0.5 - scene.camera.origin[0])
    const rows = covered.map((pixel) => scene.camera.origin[1] - Math.floor(pixel / scene.size) - 0.5)
    for (const [bound, reached] of [[left, Math.min(...columns)], [-right, -Math.max(...columns)],
      [bottom, Math.min(...rows)], [-top, -Math.max(...rows)]] as const) {
      expect(reached).toBeGreaterThan(bound)
      expect(reached).toBeLessThan(bound + 2)
    }
  })

  it('renders an image in a few milliseconds', () => {
    const specs = Array.from({ length: 60 }, (_, i) => flowerSpec('double-12c', 1, 'train', i % 12, i))
    for (const spec of specs) renderFlower(spec)
    const before = process.cpuUsage()
    for (const spec of specs) renderFlower(spec)
    const { user, system } = process.cpuUsage(before)
    // Several times the usual, for a machine that is busy.
    expect((user + system) / 1000 / specs.length).toBeLessThan(25)
  })
})

describe('fromHsv', () => {
  it('converts as colorsys does', () => {
    golden.hsv.forEach(([hue, saturation, value], i) => {
      const rgb = fromHsv(hue, saturation, value)
      golden.rgb[i].forEach((expected, channel) => expect(rgb[channel]).toBeCloseTo(expected, 10))
    })
  })

  it('takes hues outside one turn', () => {
    for (const [hue, same] of [[-4, 356], [365, 5]] as const) {
      fromHsv(hue, 0.5, 0.8).forEach((value, i) => expect(value).toBeCloseTo(fromHsv(same, 0.5, 0.8)[i], 10))
    }
  })
})
