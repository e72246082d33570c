import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../shared/checks.ts'
import {
  CHECKED,
  checkProject,
  checkSpec,
  discardPlanted,
  plantedProject,
  rowOf,
} from '../../testing/planted-checks.ts'
import { PLANTED_SIDE } from '../../testing/planted-project.ts'
import { failureOf, inProject, quiet, recording } from '../../testing/projects.ts'
import { stored } from '../stored.ts'
import { runCheck } from './index.ts'

/** How results are kept, resumed and told apart. */

afterAll(discardPlanted)

const common = plantedProject({ validation: true })

describe('results', () => {
  it('are the same bytes in another project with the same seed, and others with another seed', async () => {
    const [first, second] = [await common, await plantedProject({ validation: true })]
    for (const check of ['iou', 'occlusion', 'shuffle'] as const) {
      const found = JSON.stringify(await checkProject(first, check, { images: 5 }))
      expect(JSON.stringify(await checkProject(second, check, { images: 5 }))).toBe(found)
    }
    const draws = (seed: number): Promise<CheckResult> => checkProject(first, 'shuffle', { images: 5, seed })
    expect((await draws(2)).tables).not.toEqual((await draws(1)).tables)
  })

  it('are kept, and read without computing', async () => {
    await inProject(await common, async (project) => {
      const spec = checkSpec('insertion', { images: 4 })
      const missing = await failureOf(stored(project, 'check', spec, runCheck))
      expect(missing).toEqual({
        code: 'not-ready',
        sentence: `This check has not been computed in ${project.folder}: start the job "check" first.`,
      })
      const result = await runCheck(project, spec, quiet())
      const again = recording()
      expect(await runCheck(project, spec, again.context)).toEqual(result)
      expect(again.steps).toEqual([])
      expect(await stored(project, 'check', spec, runCheck)).toEqual(result)
      expect(await failureOf(stored(project, 'check', { ...spec, images: 5 }, runCheck))).toEqual(missing)
    })
  })

  it('go on where they were cancelled, to the same bytes', async () => {
    const spec = checkSpec('occlusion', { images: 20 })
    const halted = await plantedProject()
    const seen: number[] = []
    await inProject(halted, async (project) => {
      const { context } = recording(({ phase, done }, cancel) => {
        if (phase === 'cover the images' && done > 16) cancel()
      })
      expect((await failureOf(runCheck(project, spec, context))).code).toBe('cancelled')
      const resumed = recording(({ phase, done }) => void (phase === 'cover the images' && seen.push(done)))
      const result = await runCheck(project, spec, resumed.context)
      expect(JSON.stringify(result)).toBe(JSON.stringify(await checkProject(await common, 'occlusion', { images: 20 })))
    })
    // The first part is there already: reported as done, not done again.
    expect(seen[0]).toBe(16)
  })

  it('follow the masks: those of the test images the areas, those of the validation images the thresholds', async () => {
    const folder = await plantedProject({ validation: true })
    const before = await checkProject(folder, 'iou', { images: 12 })
    await maskEverything(join(folder, '..', 'masks', 'validation'))
    const otherThreshold = await checkProject(folder, 'iou', { images: 12 })
    expect(rowOf(before, 'scores', 'Sobel of the image').threshold).toBeGreaterThan(0)
    expect(rowOf(otherThreshold, 'scores', 'Sobel of the image').threshold).toBe(0)
    expect(rowOf(otherThreshold, 'scores', CHECKED).area).toBe(rowOf(before, 'scores', CHECKED).area)
    await maskEverything(join(folder, '..', 'masks', 'test'))
    const otherArea = await checkProject(folder, 'iou', { images: 12 })
    expect(rowOf(otherArea, 'scores', CHECKED).area).toBeLessThan(0.1)
    expect(rowOf(otherArea, 'scores', 'Constant map').area).toBe(1)
  })

  it('name every row, table, column and chart once, hold what JSON can hold, and compare with a control', async () => {
    for (const check of ['iou', 'occlusion', 'insertion', 'randomisation', 'swap', 'shuffle'] as const) {
      const result = await checkProject(await common, check, { images: 5 })
      expect(JSON.parse(JSON.stringify(result))).toEqual(result)
      for (const list of [result.tables, result.charts, ...result.tables.map(({ columns }) => columns)]) {
        expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
        for (const { id } of list) expect(id).toMatch(/^[a-z][a-z0-9_]*$/)
      }
      for (const { columns, rows } of result.tables) for (const row of rows) expect(row).toHaveLength(columns.length)
      for (const name of ['Random map', 'Centre box', 'Sobel of the image', 'Constant map']) {
        expect(result.tables.some(({ rows }) => rows.some((row) => row.includes(name)))).toBe(true)
      }
      expect(result.limits.length).toBeGreaterThan(0)
    }
  })
})

/** Replaces every mask below a folder by one of the whole image. */
async function maskEverything(folder: string): Promise<void> {
  const raw = { width: PLANTED_SIDE, height: PLANTED_SIDE, channels: 1 } as const
  const png = await sharp(new Uint8Array(PLANTED_SIDE ** 2).fill(255), { raw }).png().toBuffer()
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png'))
  await Promise.all(names.map((name) => writeFile(join(folder, name), png)))
}
