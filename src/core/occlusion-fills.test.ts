import { describe, expect, it } from 'vitest'
import { fillSamples } from './occlusion-fills.ts'

const image = {
  height: 40,
  width: 60,
  channels: 3,
  data: Uint8Array.from({ length: 40 * 60 * 3 }, (_, i) => (i % 3 === 0 ? (i / 3) % 2 : i % 3) * 100),
}
const channel = (samples: Uint8Array, c: number): number[] => [...samples].filter((_, i) => i % 3 === c)

describe('fillSamples', () => {
  it('grey and mean are one colour', () => {
    expect(new Set(fillSamples(image, 'grey', []))).toEqual(new Set([128]))
    const mean = fillSamples(image, 'mean', [])
    expect([0, 1, 2].map((c) => [...new Set(channel(mean, c))])).toEqual([[50], [100], [200]])
  })

  it('blur keeps the mean colour and takes away what is fine', () => {
    const blurred = fillSamples(image, 'blur', [])
    // Stripes of one pixel; within the reach of the kernel a mirrored border repeats one of them.
    const inner = channel(blurred, 0).filter((_, i) => i % 60 >= 8 && i % 60 < 52)
    expect(new Set(inner)).toEqual(new Set([50]))
    expect(new Set(channel(blurred, 2))).toEqual(new Set([200]))
    const edge = { ...image, data: image.data.map((_, i) => (i % 180 < 90 ? 0 : 200)) }
    const soft = channel(fillSamples(edge, 'blur', []), 0).slice(0, 60)
    expect(soft[0]).toBe(0)
    expect(soft[59]).toBe(200)
    expect(soft.slice(26, 34).every((value, i, list) => i === 0 || value > list[i - 1])).toBe(true)
  })

  it('noise fills the range, and repeats with its seeds', () => {
    const noise = fillSamples(image, 'noise', [1, 2])
    expect(fillSamples(image, 'noise', [1, 2])).toEqual(noise)
    expect(fillSamples(image, 'noise', [2, 1])).not.toEqual(noise)
    const mean = noise.reduce((a, b) => a + b, 0) / noise.length
    // Six standard errors of the mean of 7200 uniform samples.
    expect(Math.abs(mean - 127.5)).toBeLessThan(5.3)
    expect([Math.min(...noise), Math.max(...noise)]).toEqual([0, 255])
  })
})
