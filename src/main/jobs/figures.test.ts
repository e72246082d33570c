import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { areaUnder } from '../../core/iou.ts'
import { decodeNpy } from '../../core/npy.ts'
import { specsOf } from '../../shared/analysis.ts'
import type { FigureRecipe, FigureSpec } from '../../shared/figures.ts'
import type { AblationResult, EvaluationResult } from '../../shared/results.ts'
import { layoutFaults } from '../figures/test-support.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  recording,
  smallAnalysis,
  type Ingredients,
} from '../testing/projects.ts'
import { ablate } from './ablation.ts'
import { analyse } from './analysis.ts'
import { computeExplanation } from './computed-explanation.ts'
import { evaluate } from './evaluation.ts'
import { drawFigure, type FigureSources } from './figure-draw.ts'
import type { DrawnFigure } from './figure-drawn.ts'
import { figureFiles, previewOf } from './figure-files.ts'
import { writeFigures } from './figures.ts'
import { MuPaths } from './mu-paths.ts'
import type { Project } from './project.ts'
import { ResponseStatistics } from './response-statistics.ts'
import { selectionMatrix } from './selection-views.ts'
import { select } from './selection.ts'
import { listAverages } from './stored-averages.ts'
import { stored } from './stored.ts'

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'vebi.mjs')
const { selections, ablation, averages, evaluation } = specsOf(smallAnalysis)
const [selection] = selections
const { topFeatures, strideCorrection, reduction } = smallAnalysis
const explanation = { selection, topFeatures, strideCorrection, reduction }
const path = {
  selection: { preset: 'paper', layers: 'All', nonnegative: false, labels: 'true' },
  classIndex: 1,
} as const
const style = { widthCm: 8.5, font: 'sans', fontSizePt: 7, dpi: 100 } as const

const SPECS: Record<string, FigureSpec> = {
  ablation: { kind: 'ablation', ablation, classIndex: null, hidden: [] },
  'ablation-class': { kind: 'ablation', ablation, classIndex: 1, hidden: ['OnlyConv'] },
  classwise: { kind: 'classwise', ablation },
  path: { kind: 'path', path, maxMu: 6 },
  matrix: { kind: 'selection-matrix', selection },
  averages: { kind: 'averages', averages, selection, classIndex: 0, layerNumber: null, features: null, limit: 3 },
  'averages-all': { kind: 'averages', averages, selection, classIndex: null, layerNumber: null, features: null, limit: 4 },
  'averages-chosen': {
    kind: 'averages', averages, selection, classIndex: 1, layerNumber: null, features: null, limit: 20,
  },
  responses: {
    kind: 'responses', extraction: { preset: 'paper', layers: 'All' }, selection, feature: 0, classes: null, limit: 30,
  },
  'receptive-fields': { kind: 'receptive-fields' },
  explanation: {
    kind: 'explanation',
    explanation,
    image: 'test/2',
    classIndex: null,
    methods: ['ours', 'deconv-gb', 'deconvnet', 'gradient', 'upsampled'],
    display: { colourMap: 'viridis', opacity: 0.7, threshold: 0.1, smooth: true, scaleMax: null },
  },
  'explanation-train': {
    kind: 'explanation',
    explanation,
    image: 'train/0',
    classIndex: 2,
    methods: ['ours'],
    display: { colourMap: 'jet', opacity: 1, threshold: 0, smooth: false, scaleMax: 0.5 },
  },
  overlap: { kind: 'overlap', selections: [selections[0], selections[1]], classes: null, limit: 30 },
  'layer-statistics': { kind: 'layer-statistics', extraction: { preset: 'paper', layers: 'All' }, logarithmic: false },
  'layer-statistics-log': {
    kind: 'layer-statistics', extraction: { preset: 'paper', layers: 'OnlyConv' }, logarithmic: true,
  },
  iou: { kind: 'iou', evaluation, classIndex: null, image: null, hidden: [] },
  'iou-class': { kind: 'iou', evaluation, classIndex: 0, image: null, hidden: ['centre-box'] },
  'iou-image': { kind: 'iou', evaluation, classIndex: null, image: 5, hidden: [] },
}

const recipe = (name: string, spec: FigureSpec, change: Partial<FigureRecipe> = {}): FigureRecipe => ({
  name,
  spec,
  style,
  formats: ['svg', 'pdf', 'png', 'csv', 'npy', 'tex'],
  caption: '',
  ...change,
})

let from: Ingredients
let folder: string

beforeAll(async () => {
  from = await folderIngredients({ train: 48, test: 24 })
  folder = await newProject(from, 'project')
  await inProject(folder, async (project) => {
    await analyse(project, smallAnalysis, quiet())
    const [{ feature }] = await listAverages(project, averages)
    SPECS['feature'] = { kind: 'feature', averages, feature, patches: 6 }
    const { weights, layout } = await stored(project, 'selection', selection, select)
    const own = weights.subarray(layout.size, 2 * layout.size)
    const chosen = [...own.keys()].filter((feature) => own[feature] !== 0).reverse()
    SPECS['averages-chosen'] = { ...SPECS['averages-chosen'], features: chosen } as FigureSpec
    for (const [name, spec] of Object.entries(SPECS)) project.store.figures.save(null, recipe(name, spec))
  })
}, 120_000)

afterAll(() => discard(from))

const sourcesOf = (project: Project): FigureSources => ({
  paths: new MuPaths(project),
  responses: new ResponseStatistics(project),
})

const draw = (project: Project, spec: FigureSpec, change: Partial<typeof style> = {}): Promise<DrawnFigure> =>
  drawFigure(project, sourcesOf(project), { spec, style: { ...style, ...change } })

const tableOf = async (project: Project, name: string): Promise<Record<string, string>[]> => {
  const files = await figureFiles(recipe(name, SPECS[name], { formats: ['csv'] }), await draw(project, SPECS[name]))
  return parse<Record<string, string>>(Buffer.from(files[0].bytes), { columns: true })
}

const arraysOf = async (project: Project, name: string): Promise<Map<string, ReturnType<typeof decodeNpy>>> => {
  const files = await figureFiles(recipe(name, SPECS[name], { formats: ['npy'] }), await draw(project, SPECS[name]))
  return new Map(files.map((file) => [file.name, decodeNpy(file.bytes, file.name)]))
}

const contentsOf = (out: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(out).map((name) => [name, createHash('sha256').update(readFileSync(join(out, name))).digest('hex')]),
  )

describe('every kind of figure', () => {
  it.each([
    { widthCm: 8.5, font: 'sans', fontSizePt: 7 },
    { widthCm: 17.5, font: 'serif', fontSizePt: 9 },
  ] as const)('is laid out without faults at %o', (change) =>
    inProject(folder, async (project) => {
      for (const [name, spec] of Object.entries(SPECS)) {
        const drawn = await drawFigure(project, sourcesOf(project), { spec, style: { ...style, ...change } })
        expect(layoutFaults(drawn.svg), name).toEqual([])
        expect(drawn.svg.startsWith(`<svg width="${change.widthCm}cm"`), name).toBe(true)
        expect(drawn.svg.includes('DejaVu Serif'), name).toBe(change.font === 'serif')
        expect(drawn.table.rows.length, name).toBeGreaterThan(0)
        expect(drawn.arrays.length, name).toBeGreaterThan(0)
        expect(drawn.caption, name).toMatch(/^[A-Z].*\.$/)
        expect(drawn.caption, name).not.toMatch(/NaN|undefined|null|\/tmp/)
        const preview = previewOf(recipe(name, spec), drawn)
        expect(preview.latex).toContain(`{${name}}`)
        expect(preview.widthCm).toBe(change.widthCm)
      }
    }),
  )

  it('has a PNG of the pixels and resolution of its style', () =>
    inProject(folder, async (project) => {
      const wanted = recipe('a', SPECS['path'], { style: { ...style, dpi: 150 }, formats: ['png'] })
      const [png] = await figureFiles(wanted, await draw(project, SPECS['path']))
      const { width, density } = await sharp(png.bytes).metadata()
      expect([width, density]).toEqual([Math.round((8.5 / 2.54) * 150), 150])
    }))
})

describe('numbers of a figure', () => {
  it('are those of the stored ablation, in table, array and caption', () =>
    inProject(folder, async (project) => {
      const result: AblationResult = await stored(project, 'ablation', ablation, ablate)
      const rows = await tableOf(project, 'ablation')
      const [all] = result.curves
      const own = rows.filter(({ series }) => series === 'All')
      expect(own.map((row) => [Number(row['removed_features']), Number(row['mean_class_accuracy'])])).toEqual(
        all.points.map(({ removed, accuracy }) => [removed, accuracy]),
      )
      const random = rows.filter(({ series }) => series === 'Random for All')
      expect(random.map((row) => [Number(row['band95_low']), Number(row['band95_high'])])).toEqual(
        all.points.map(({ randomLow, randomHigh }) => [randomLow, randomHigh]),
      )
      const array = (await arraysOf(project, 'ablation')).get('ablation.All.npy')!
      expect(array.shape).toEqual([all.points.length, 5])
      expect([...array.data]).toEqual(
        all.points.flatMap((p) => [p.removed, p.accuracy, p.random, p.randomLow, p.randomHigh]),
      )
      const { caption } = await draw(project, SPECS['ablation'])
      const last = all.points.at(-1)!
      const per = (value: number): string => (100 * value).toFixed(1)
      expect(caption).toContain(
        `Accuracy of the intact network ${per(result.original)} %; after removing all ${last.removed} relevant features of All ` +
          `${per(last.accuracy)} %, 95 % band of 2 random sets ${per(last.randomLow)} to ${per(last.randomHigh)} %`,
      )
      expect(caption).toContain('preset paper, μ = 10, true labels, seed 1.')
      expect(caption).toContain(`on ${result.images.reduce((sum, n) => sum + n, 0)} test images of`)
    }))

  it('are those of one class', () =>
    inProject(folder, async (project) => {
      const result: AblationResult = await stored(project, 'ablation', ablation, ablate)
      const rows = await tableOf(project, 'ablation-class')
      expect(new Set(rows.map(({ series }) => series))).toEqual(new Set(['All', 'Random for All', 'Original']))
      expect(rows.filter(({ series }) => series === 'All').map((row) => Number(row['class_accuracy']))).toEqual(
        result.curves[0].points.map(({ perClass }) => perClass[1]),
      )
      expect(Number(rows.at(-1)!['class_accuracy'])).toBe(result.originalPerClass[1])
      const curves = (await arraysOf(project, 'classwise')).get('classwise.OnlyConv.npy')!
      const effects = result.curves[1].classwise
      expect([...curves.data.slice(0, 6)]).toEqual([
        effects[0].classIndex,
        effects[0].lossOwn,
        effects[0].lossOthers,
        effects[0].lossRandom,
        effects[0].lossRandomLow,
        effects[0].lossRandomHigh,
      ])
      const classwise = await tableOf(project, 'classwise')
      expect(classwise.filter((row) => row['features_of'] === 'OnlyConv').map((row) => Number(row['loss_on_class']))).toEqual(
        effects.map(({ lossOwn }) => lossOwn),
      )
      expect(classwise.every((row) => row['drawn'] === '1')).toBe(true)
    }))

  it('are the exact path, which ends at the asked mu', () =>
    inProject(folder, async (project) => {
      const paths = new MuPaths(project)
      const arrays = await arraysOf(project, 'path')
      const [mu, weights] = [arrays.get('path.mu.npy')!, arrays.get('path.weights.npy')!]
      const breakpoints = mu.shape[0]
      expect(mu.data[0]).toBe(0)
      expect(Math.max(...mu.data)).toBeLessThanOrEqual(6)
      const rows = await tableOf(project, 'path')
      for (const i of [1, Math.floor(breakpoints / 2), breakpoints - 1]) {
        const { features } = await paths.at(path, mu.data[i])
        const expected = new Map(features.map((each) => [`${each.layerName} / ${each.channel}`, each.weight]))
        const found = rows.filter((_, row) => row % breakpoints === i)
        for (const row of found) {
          expect(Number(row['weight'])).toBeCloseTo(expected.get(row['feature']) ?? 0, 12)
          expect(Number(row['mu'])).toBe(mu.data[i])
        }
        expect(found.filter((row) => Number(row['weight']) !== 0)).toHaveLength(features.length)
      }
      expect(weights.shape).toEqual([rows.length / breakpoints, breakpoints])
    }))

  it('are the weights of the selection', () =>
    inProject(folder, async (project) => {
      const found = selectionMatrix(await stored(project, 'selection', selection, select))
      const rows = await tableOf(project, 'matrix')
      const expected = new Map<string, number>()
      found.features.forEach(({ layerNumber, channel }, i) =>
        project.config.classes.forEach((name, j) => {
          const weight = found.weights.data[j * found.features.length + i]
          if (weight !== 0) expected.set(`${name} ${layerNumber} ${channel}`, weight)
        }),
      )
      expect(
        new Map(rows.map((row) => [`${row['class']} ${row['layer_number']} ${row['channel']}`, Number(row['weight'])])),
      ).toEqual(expected)
      const arrays = await arraysOf(project, 'matrix')
      const columns = arrays.get('matrix.features.npy')!
      const weights = arrays.get('matrix.weights.npy')!
      expect(columns.shape).toEqual([found.features.length, 2])
      for (let i = 0; i < found.features.length; i++) {
        const [layer, channel] = [columns.data[2 * i], columns.data[2 * i + 1]]
        project.config.classes.forEach((name, j) =>
          expect(weights.data[j * found.features.length + i]).toBe(expected.get(`${name} ${layer} ${channel}`) ?? 0),
        )
      }
    }))

  it('are the raw heatmaps of each method', () =>
    inProject(folder, async (project) => {
      const arrays = await arraysOf(project, 'explanation')
      for (const method of ['ours', 'deconv-gb', 'gradient'] as const) {
        const computed = await computeExplanation(project, { explanation, image: 'test/2', classIndex: null, method })
        expect(arrays.get(`explanation.${method}.npy`)).toEqual(computed.heatmaps)
        expect(arrays.get(`explanation.${method}-combined.npy`)).toEqual(computed.combined)
        const rows = (await tableOf(project, 'explanation')).filter((row) => row['method'] === method)
        expect(rows.map((row) => row['contribution'])).toEqual(
          ['', ...computed.features.map(({ contribution }) => String(contribution))],
        )
      }
      const { caption } = await draw(project, SPECS['explanation-train'])
      expect(caption).toContain(`for class ${project.config.classes[2]} (probability`)
    }))

  it('are the curves of the evaluation, of all images and of one class', () =>
    inProject(folder, async (project) => {
      const result: EvaluationResult = await stored(project, 'evaluation', evaluation, evaluate)
      const whole = (await arraysOf(project, 'iou')).get('iou.curves.npy')!
      expect([...whole.data]).toEqual(result.scores.flatMap(({ curve }) => [...curve]))
      const one = (await arraysOf(project, 'iou-class')).get('iou-class.curves.npy')!
      const left = result.scores.filter(({ kind }) => kind !== 'centre-box')
      expect([left.length, one.shape]).toEqual([7, [7, 101]])
      left.forEach(({ perClass }, kind) => {
        expect(areaUnder([...one.data.slice(kind * 101, (kind + 1) * 101)])).toBeCloseTo(perClass[0]!, 12)
      })
      const { caption } = await draw(project, SPECS['iou'])
      for (const { name, area } of result.scores) expect(caption).toContain(`${name} ${area.toFixed(3)}`)
      const drawn = await draw(project, SPECS['iou-class'])
      expect([drawn.caption, drawn.svg].some((text) => text.includes('Centre box'))).toBe(false)
      const colours = (svg: string): string[] => [...svg.matchAll(/<path[^>]* stroke="(#\w{6})"/g)].map(([, colour]) => colour)
      // Sobel, fourth of the controls, keeps its colour without the third.
      expect(colours(drawn.svg)).toContain('#a8705f')
      expect(colours(drawn.svg)).not.toContain('#56b4e9')
      const hidden = result.scores.map(({ kind }) => kind)
      const none = { ...SPECS['iou'], hidden } as FigureSpec
      expect((await failureOf(draw(project, none))).sentence).toContain('show at least one')
    }))

  it('are the curves of one image, of which those of a class are the mean', () =>
    inProject(folder, async (project) => {
      const own = project.test.records.flatMap(({ label }, index) => (label === 1 ? [index] : []))
      const images: Float64Array[] = []
      for (const image of own) {
        const drawn = await draw(project, { kind: 'iou', evaluation, classIndex: null, image, hidden: [] })
        images.push(drawn.arrays[0].matrix.data as Float64Array)
        expect(drawn.caption).toContain(`the mask of ${project.test.records[image].name} (test image of class `)
      }
      const whole = await draw(project, { kind: 'iou', evaluation, classIndex: 1, image: null, hidden: [] })
      expect(own.length).toBeGreaterThan(2)
      whole.arrays[0].matrix.data.forEach((value, at) => {
        expect(value).toBeCloseTo(images.reduce((sum, each) => sum + each[at], 0) / own.length, 12)
      })
      const beyond = draw(project, { kind: 'iou', evaluation, classIndex: null, image: 9999, hidden: [] })
      expect((await failureOf(beyond)).sentence).toBe(`There is no test image 9999 in ${folder}.`)
    }))
})

describe('the export of all figures', () => {
  it('is the same bytes again, and in another folder', async () => {
    const [first, second] = [join(from.root, 'out-1'), join(from.root, 'out-2', 'deep')]
    const result = await inProject(folder, (project) => writeFigures(project, { folder: first, ids: null }, quiet()))
    const contents = contentsOf(first)
    expect(result.failed).toEqual([])
    expect(result.files.at(-1)!.name).toBe('manifest.json')
    expect(Object.fromEntries(result.files.map(({ name, sha256 }) => [name, sha256]))).toEqual(contents)
    for (const { name, bytes } of result.files) expect(statSync(join(first, name)).size).toBe(bytes)
    for (const name of Object.keys(SPECS)) {
      for (const end of ['svg', 'pdf', 'png', 'csv', 'tex']) expect(contents[`${name}.${end}`]).toBeDefined()
    }
    await inProject(folder, (project) => writeFigures(project, { folder: second, ids: null }, quiet()))
    expect(contentsOf(second)).toEqual(contents)
    await inProject(folder, (project) => writeFigures(project, { folder: first, ids: null }, quiet()))
    expect(contentsOf(first)).toEqual(contents)
    const manifest = JSON.parse(readFileSync(join(first, 'manifest.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(manifest)).toEqual(['files', 'inputs', 'seeds', 'settings', 'versions'])
    expect(manifest['seeds']).toMatchObject({ ablation: { ablation: 1 }, iou: { evaluation: 1 } })
    expect(manifest['versions']).toMatchObject({ node: process.version })
    expect(JSON.stringify(manifest)).not.toContain(from.root)
    const third = join(from.root, 'out-3')
    const { status, stdout } = spawnSync(process.execPath, [program, 'figures', folder, '--out', third, '--json'], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ ...result, folder: third })
    expect(contentsOf(third)).toEqual(contents)
  }, 180_000)

  it('writes the others where one cannot be drawn', () =>
    inProject(folder, async (project) => {
      const spec: FigureSpec = { kind: 'ablation', ablation: { ...ablation, seed: 77 }, classIndex: null, hidden: [] }
      const { id } = project.store.figures.save(null, recipe('not-computed', spec))
      const good = project.store.figures.list().find(({ name }) => name === 'path')!
      const out = join(from.root, 'out-partial')
      const result = await writeFigures(project, { folder: out, ids: [good.id, id] }, quiet())
      expect(result.failed).toEqual([{ name: 'not-computed', reason: expect.stringContaining('"ablation"') as string }])
      expect(readdirSync(out).some((name) => name.startsWith('not-computed'))).toBe(false)
      expect(readdirSync(out)).toContain('path.pdf')
      project.store.figures.remove(id)
    }))

  it('leaves a folder as it was when it is cancelled', () =>
    inProject(folder, async (project) => {
      const out = join(from.root, 'out-cancelled')
      mkdirSync(out)
      writeFileSync(join(out, 'path.svg'), 'mine')
      const { context } = recording((step, cancel) => {
        if (step.done >= 2) cancel()
      })
      expect(await failureOf(writeFigures(project, { folder: out, ids: null }, context))).toMatchObject({
        code: 'cancelled',
      })
      expect(readdirSync(out)).toEqual(['path.svg'])
      expect(readFileSync(join(out, 'path.svg'), 'utf8')).toBe('mine')
    }))

  it('says why a folder cannot be written', () =>
    inProject(folder, async (project) => {
      const file = join(from.root, 'a-file')
      writeFileSync(file, '')
      const write = (target: string) => failureOf(writeFigures(project, { folder: target, ids: null }, quiet()))
      expect(await write(file)).toEqual({
        code: 'bad-file', sentence: `${file} cannot be written: there is a file of that name.`,
      })
      expect((await write(join(file, 'deep'))).sentence).toContain('a part of the path is a file')
      expect(await failureOf(writeFigures(project, { folder: file, ids: [999] }, quiet()))).toMatchObject({
        code: 'bad-argument', sentence: `There is no figure 999 in ${folder}.`,
      })
    }))

  it.skipIf(process.getuid?.() === 0)('says so where it may not write (needs a user other than root)', () =>
    inProject(folder, async (project) => {
      const locked = join(from.root, 'locked')
      mkdirSync(locked)
      chmodSync(locked, 0o500)
      const { sentence } = await failureOf(writeFigures(project, { folder: locked, ids: null }, quiet()))
      expect(sentence).toBe(`${locked} cannot be written: it may not be written there.`)
    }),
  )
})
