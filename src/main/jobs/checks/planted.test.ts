import { afterAll, describe, expect, it } from 'vitest'
import { locate } from '../../../core/features.ts'
import { areaUnder, IOU_THRESHOLDS } from '../../../core/iou.ts'
import { preprocessMask } from '../../data/preprocess.ts'
import {
  CHECKED,
  checkProject as run,
  CONTROL_NAMES,
  discardPlanted,
  plantedProject as planted,
  plantedWithoutMasks,
  rowOf,
} from '../../testing/planted-checks.ts'
import { PLANTED_CHANNELS, PLANTED_SELECTION } from '../../testing/planted-project.ts'
import { failureOf, inProject, quiet } from '../../testing/projects.ts'
import { explain } from '../explanation.ts'
import type { Project } from '../project.ts'
import { select } from '../selection.ts'

/** Every check of heatmaps on a network whose relevant channels and places are known beforehand. */

afterAll(discardPlanted)

/** One project for all tests that compute different checks. */
const common = planted({ validation: true })
const sameChannels = planted({ sameChannels: true })
const wrongMasks = planted({ wrongMasks: true, bystanders: 12 })
const manyChannels = planted({ bystanders: 12 })

describe('the planted network', () => {
  it('is right about every picture, and the selection names the channels that decide', async () => {
    await inProject(await common, async (project) => {
      const { layout, weights } = await select(project, PLANTED_SELECTION, quiet())
      const strongest = [0, 1].map((j) => {
        const row = weights.subarray(j * layout.size, (j + 1) * layout.size)
        return locate(layout, row.indexOf(Math.max(...row))).channel
      })
      expect(strongest).toEqual([PLANTED_CHANNELS.green, PLANTED_CHANNELS.red])
    })
    const iou = await run(await common, 'iou')
    expect(iou.tables.find(({ id }) => id === 'outcomes')!.title).toContain('right (24 images) and where it is wrong (0)')
  })
})

describe('iou', () => {
  it('finds that the heatmaps lie on the masks', async () => {
    const result = await run(await common, 'iou')
    expect(result).toMatchObject({ check: 'iou', verdict: 'for', images: 24, warnings: [] })
    const own = rowOf(result, 'scores', CHECKED)
    expect(own.area).toBeGreaterThan(0.7)
    expect(own).toMatchObject({ iou: 1, pointing: 1 })
    expect(own.mass).toBeCloseTo(1, 6)
    // Every pixel of the heatmaps lies in the masks, those of the weakest heat too.
    expect(own.threshold).toBe(0)
    for (const control of CONTROL_NAMES) expect(rowOf(result, 'scores', control).area).toBeLessThan(0.35)
    // 36 pixels of 576, at every threshold.
    expect(rowOf(result, 'scores', 'Constant map')).toMatchObject({ area: 1 / 16, pointing: 1 / 16, mass: 1 / 16 })
    expect(result.sentence).toContain(own.area.toFixed(3))
    expect(result.sentence).toContain('better than every control')
  })

  it('is what a slow restatement finds, image by image', async () => {
    const folder = await common
    const result = await run(folder, 'iou')
    const areas = await inProject(folder, async (project) => {
      const images = [0, 7, 23]
      const choices = { topFeatures: 1, rule: 'guided', strideCorrection: 'conv+pool', reduction: 'max-abs' } as const
      const found = await explain(project, { selection: PLANTED_SELECTION, images, ...choices }, quiet())
      return Promise.all(found.map(({ image, combined }) => slowArea(project, image, combined)))
    })
    const { columns, rows } = result.tables.find(({ id }) => id === 'images')!
    const column = columns.findIndex(({ id }) => id === 'ours_conv_pool')
    areas.forEach((area, i) => expect(rows[[0, 7, 23][i]][column]).toBeCloseTo(area, 9))
    const mean = rows.reduce((sum, row) => sum + (row[column] as number), 0) / rows.length
    expect(rowOf(result, 'scores', CHECKED).area).toBeCloseTo(mean, 12)
  })

  it('says that heatmaps are beside masks that lie elsewhere', async () => {
    const result = await run(await wrongMasks, 'iou')
    expect(result.verdict).toBe('against')
    expect(rowOf(result, 'scores', CHECKED)).toMatchObject({ area: 0, pointing: 0, mass: 0 })
  })

  it('quotes no threshold where only the test images have masks', async () => {
    const result = await run(await planted(), 'iou')
    expect(result.warnings).toEqual([
      'No IoU at a single threshold is given: there are no images with masks outside of the test images to choose a threshold on.',
    ])
    expect(rowOf(result, 'scores', CHECKED)).toMatchObject({ threshold: null, iou: null })
  })

  it('needs masks', async () => {
    const folder = await plantedWithoutMasks()
    expect(await failureOf(run(folder, 'iou'))).toEqual({
      code: 'not-ready',
      sentence: `No test image of ${folder} has a mask: make the project with a folder of masks (--masks).`,
    })
  })
})

async function slowArea({ test, config }: Project, image: number, heatmap: Float32Array): Promise<number> {
  const { data: mask } = preprocessMask(await test.readMask(image), config.preprocessing)
  return areaUnder(
    IOU_THRESHOLDS.map((threshold) => {
      const marked = Array.from(heatmap, (value) => value > 0 && value >= threshold)
      const both = marked.filter((is, i) => is && mask[i] === 1).length
      return both / marked.filter((is, i) => is || mask[i] === 1).length
    }),
  )
}

describe('shuffle', () => {
  it('finds that the selected channels lie on the masks better than random ones', async () => {
    const result = await run(await manyChannels, 'shuffle')
    expect(result).toMatchObject({ verdict: 'for', warnings: [] })
    expect(result.sentence).toMatch(/^The selected channels overlap the masks better than random ones: .* 20 draws/)
    const difference = rowOf(result, 'areas', 'Selected channels').area - rowOf(result, 'areas', 'control').area
    // Of the channels that respond to a picture one lies on the mask, one on both squares and 13 on the other.
    expect(difference).toBeGreaterThan(0.5)
  })

  it('claims nothing where every ninth draw is the selection itself', async () => {
    const result = await run(await common, 'shuffle')
    expect(result.sentence).toMatch(/^The selection added nothing/)
    // Random channels lie on the mask less often all the same.
    expect(rowOf(result, 'areas', 'Selected channels').area).toBeGreaterThan(rowOf(result, 'areas', 'control').area + 0.3)
  })

  it('needs some draws', async () => {
    expect(await failureOf(run(await common, 'shuffle', { repeats: 4 }))).toEqual({
      code: 'bad-argument',
      sentence: 'The selection shuffle needs at least 5 draws, not 4; 20 or more are usual.',
    })
  })

  it('says that the selection added nothing where all channels are the same', async () => {
    const result = await run(await sameChannels, 'shuffle')
    expect(result.verdict).toBe('against')
    expect(result.sentence).toMatch(/^The selection added nothing to the overlap with the masks: .*paired difference 0\.000/)
  })

  it('says that random channels are better where the masks lie elsewhere', async () => {
    const result = await run(await wrongMasks, 'shuffle', { repeats: 5 })
    expect(result.verdict).toBe('against')
    expect(result.sentence).toMatch(/^The selected channels overlap the masks worse than random ones/)
    expect(result.warnings).toEqual([
      'There are 5 draws only: with fewer than 20 the interval says little.',
    ])
  })
})

describe('occlusion', () => {
  it('finds that covering the square of the class costs confidence, with every fill', async () => {
    const result = await run(await common, 'occlusion')
    expect(result).toMatchObject({ verdict: 'for', images: 24 })
    for (const fill of ['Mid-grey', 'Mean colour of the image', 'The image, blurred', 'Noise']) {
      const own = rowOf(result, 'falls', CHECKED, fill)
      for (const control of CONTROL_NAMES) expect(own.fall).toBeGreaterThan(rowOf(result, 'falls', control, fill).fall)
    }
    // The square is covered long before 30 % of the image is; then nothing tells the classes apart.
    expect(rowOf(result, 'curves', CHECKED, 0.3).fall).toBeGreaterThan(0.3)
  })
})

describe('insertion', () => {
  it('finds that the confidence comes and goes with the square of the class', async () => {
    const result = await run(await common, 'insertion')
    expect(result).toMatchObject({ verdict: 'for', images: 24 })
    const own = rowOf(result, 'areas', CHECKED)
    for (const control of CONTROL_NAMES) {
      expect(own.deletion).toBeLessThan(rowOf(result, 'areas', control).deletion)
      expect(own.insertion).toBeGreaterThan(rowOf(result, 'areas', control).insertion)
    }
    // All 36 pixels of 576 are in the first two groups of 36.
    expect(rowOf(result, 'curves', CHECKED, 2 / 16).deletion).toBeLessThan(0.6)
    expect(rowOf(result, 'curves', CHECKED, 2 / 16).insertion).toBeGreaterThan(0.95)
  })
})

describe('randomisation', () => {
  it('holds Sobel at exactly 1 and noise at about 0, and finds the heatmaps to change with the weights', async () => {
    const result = await run(await common, 'randomisation')
    const { rows } = result.tables[0]
    expect(rows.map(([layer, layers, map]) => `${layer} ${layers} ${map}`)).toEqual(
      ['fc2 1', 'conv1 2'].flatMap((stage) =>
        ['Explanation of the randomised network', 'Heatmaps of the same features', ...CONTROL_NAMES].map(
          (map) => `${stage} ${map}`,
        ),
      ),
    )
    for (const stage of ['fc2', 'conv1']) {
      expect(rowOf(result, 'stages', stage, 'Sobel of the image')).toMatchObject({
        spearman: 1,
        spearman_low: 1,
        spearman_high: 1,
        ssim: 1,
      })
      expect(Math.abs(rowOf(result, 'stages', stage, 'Random map').spearman)).toBeLessThan(0.05)
    }
    // The heatmap starts below the class scores: their weights do not matter to it.
    expect(rowOf(result, 'stages', 'fc2', 'Heatmaps of the same features')).toMatchObject({ spearman: 1, ssim: 1 })
    expect(rowOf(result, 'stages', 'conv1', 'Heatmaps of the same features').ssim).toBeLessThan(0.9)
    expect(result.sentence).toMatch(/sensitive/)
    expect(result.sentence).not.toMatch(/better|worse|best/)
  })
})

describe('swap', () => {
  it('finds that the heatmaps depend on the class', async () => {
    const result = await run(await common, 'swap')
    expect(result).toMatchObject({ verdict: 'for', images: 24 })
    expect(rowOf(result, 'alike', 'Heatmaps of other classes')).toMatchObject({ shared: 0 })
    expect(rowOf(result, 'alike', 'Heatmaps of other classes').spearman).toBeLessThan(0.5)
  })

  it('finds that heatmaps do not depend on the class where all channels are the same', async () => {
    const result = await run(await sameChannels, 'swap')
    expect(result.verdict).toBe('against')
    expect(rowOf(result, 'alike', 'Heatmaps of other classes')).toMatchObject({ spearman: 1, ssim: 1 })
  })
})

describe('artefact', () => {
  it('refuses a network without strides', async () => {
    const { code, sentence } = await failureOf(run(await common, 'artefact'))
    expect(code).toBe('unsupported')
    expect(sentence).toMatch(/has no grid|have no grid/)
  })
})
