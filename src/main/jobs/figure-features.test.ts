import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locate } from '../../core/features.ts'
import { decodeNpy } from '../../core/npy.ts'
import { specsOf } from '../../shared/analysis.ts'
import type { FigureRecipe, FigureSpec } from '../../shared/figures.ts'
import { layoutFaults, placedTexts } from '../figures/test-support.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  smallAnalysis,
  type Ingredients,
} from '../testing/projects.ts'
import { average } from './averages.ts'
import { extract } from './extraction.ts'
import { drawFigure } from './figure-draw.ts'
import type { DrawnFigure } from './figure-drawn.ts'
import { figureFiles, previewOf } from './figure-files.ts'
import { inspect } from './inspection.ts'
import { MuPaths } from './mu-paths.ts'
import type { Project } from './project.ts'
import { ResponseStatistics } from './response-statistics.ts'
import { select } from './selection.ts'
import { listAverages, readAverage } from './stored-averages.ts'
import { stored } from './stored.ts'

const { extraction, selections, averages } = specsOf(smallAnalysis)
const [selection] = selections
const style = { widthCm: 8.5, font: 'sans', fontSizePt: 7, dpi: 100 } as const

const SPECS: Record<string, FigureSpec> = {
  averages: { kind: 'averages', averages, selection, classIndex: 0, layerNumber: null, features: null, limit: 3 },
  'averages-all': { kind: 'averages', averages, selection, classIndex: null, layerNumber: null, features: null, limit: 4 },
  'averages-chosen': {
    kind: 'averages', averages, selection, classIndex: 1, layerNumber: null, features: null, limit: 20,
  },
  responses: { kind: 'responses', extraction, selection, feature: 0, classes: null, limit: 30 },
  overlap: { kind: 'overlap', selections: [selections[0], selections[1]], classes: null, limit: 30 },
  'layer-statistics': { kind: 'layer-statistics', extraction, logarithmic: false },
  'receptive-fields': { kind: 'receptive-fields' },
}

const recipe = (name: string, spec: FigureSpec, formats: FigureRecipe['formats']): FigureRecipe => ({
  name,
  spec,
  style,
  formats,
  caption: '',
})

let from: Ingredients
let folder: string
let feature: number
/** Relevant to class 1, the smallest weight first. */
let chosen: number[]
let responding: number

beforeAll(async () => {
  from = await folderIngredients({ train: 48, test: 6 })
  folder = await newProject(from, 'project')
  await inProject(folder, async (project) => {
    await extract(project, extraction, quiet())
    for (const each of selections) await select(project, each, quiet())
    await average(project, averages, quiet())
    feature = (await listAverages(project, averages))[0].feature
    SPECS['feature'] = { kind: 'feature', averages, feature, patches: 6 }
    const { weights, layout } = await stored(project, 'selection', selection, select)
    const own = [...weights.subarray(layout.size, 2 * layout.size)]
    chosen = own.flatMap((weight, column) => (weight === 0 ? [] : [column])).sort((a, b) => own[a] - own[b])
    SPECS['averages-chosen'] = { ...SPECS['averages-chosen'], features: chosen } as FigureSpec
    responding = own.findIndex((weight) => weight !== 0)
    SPECS['responses'] = { ...SPECS['responses'], feature: responding } as FigureSpec
  })
}, 60_000)

afterAll(() => discard(from))

const draw = (project: Project, spec: FigureSpec): Promise<DrawnFigure> =>
  drawFigure(
    project,
    { paths: new MuPaths(project), responses: new ResponseStatistics(project) },
    { spec, style },
  )

const tableOf = async (project: Project, name: string): Promise<Record<string, string>[]> => {
  const files = await figureFiles(recipe(name, SPECS[name], ['csv']), await draw(project, SPECS[name]))
  return parse<Record<string, string>>(Buffer.from(files[0].bytes), { columns: true })
}

const arraysOf = async (project: Project, name: string): Promise<Map<string, ReturnType<typeof decodeNpy>>> => {
  const files = await figureFiles(recipe(name, SPECS[name], ['npy']), await draw(project, SPECS[name]))
  return new Map(files.map((file) => [file.name, decodeNpy(file.bytes, file.name)]))
}

describe('numbers of a figure', () => {
  it('are the averages of the features with the largest weights', () =>
    inProject(folder, async (project) => {
      const { layout, weights } = await stored(project, 'selection', selection, select)
      const rows = await tableOf(project, 'averages')
      const magnitude = (a: number, b: number): number => Math.abs(b) - Math.abs(a)
      const ranked = [...weights.subarray(0, layout.size)].filter((weight) => weight !== 0).sort(magnitude)
      expect(rows.map((row) => Number(row['weight']))).toEqual(ranked.slice(0, 3))
      expect((await draw(project, SPECS['averages'])).caption).toContain(
        `Average images of the 3 strongest of the ${ranked.length} features of All with a weight for ` +
          `${project.config.classes[0]}, largest magnitude of the weight first; `,
      )
      const all = await tableOf(project, 'averages-all')
      const best = [...weights].map((_, k) => k).slice(0, layout.size).map((k) =>
        project.config.classes.map((_name, j) => weights[j * layout.size + k]).sort(magnitude)[0],
      )
      expect(all.map((row) => Number(row['weight']))).toEqual(best.sort(magnitude).slice(0, 4))
      for (const row of all) expect(project.config.classes).toContain(row['class'])
      expect((await arraysOf(project, 'averages')).size).toBe(rows.length)
    }))

  it('are the features that were chosen, in their order, negative weights with their sign', () =>
    inProject(folder, async (project) => {
      const { layout, weights } = await stored(project, 'selection', selection, select)
      const own = chosen.map((column) => weights[layout.size + column])
      const against = own.filter((weight) => weight < 0).length
      expect(against).toBeGreaterThan(0)
      const rows = await tableOf(project, 'averages-chosen')
      expect(rows.map((row) => Number(row['weight']))).toEqual(own)
      const labels = chosen.map((column) => locate(layout, column))
      expect(rows.map((row) => [Number(row['layer_number']), Number(row['channel'])])).toEqual(
        labels.map(({ layer, channel }) => [layer.number, channel]),
      )
      const arrays = await arraysOf(project, 'averages-chosen')
      expect([...arrays.keys()]).toEqual(
        labels.map(({ layer, channel }) => `averages-chosen.layer${layer.number}-channel${channel}.npy`),
      )
      expect([...arrays.values()][0]).toEqual(readAverage(project, averages, chosen[0]).mean)
      const spec = SPECS['averages-chosen'] as Extract<FigureSpec, { kind: 'averages' }>
      const drawn = await draw(project, spec)
      const words = placedTexts(drawn.svg).map(({ content }) => content).filter((text) => text.startsWith('w = '))
      expect(words.map((text) => Math.sign(Number(text.slice(4))))).toEqual(own.map(Math.sign))
      expect(words.filter((text) => text.startsWith('w = +'))).toHaveLength(own.length - against)
      expect(drawn.caption).toContain(`of the ${own.length} features of All with a weight for`)
      expect(drawn.caption).toMatch(against === 1 ? /1 weight is negative/ : new RegExp(`${against} weights are negative`))
      const two = await draw(project, { ...spec, features: [...chosen.slice(1, 3)].sort((a, b) => b - a), limit: 9 })
      expect(two.caption).toContain(`Average images of 2 chosen of the ${own.length} features of All`)
      expect(placedTexts(two.svg).map(({ content }) => content).join(' ')).toContain(`2 of ${own.length} features, `)
      const useless = Array.from({ length: layout.size }, (_, k) => k).find((k) => weights[layout.size + k] === 0)!
      expect((await failureOf(draw(project, { ...spec, features: [useless] }))).sentence).toMatch(
        /^Channel \d+ of layer \d+ .* is not one of the features of All with a weight for /,
      )
      expect((await failureOf(draw(project, { ...spec, features: [9999] }))).sentence).toBe(
        `There is no feature 9999: they are numbered 0 to ${layout.size - 1}.`,
      )
    }))

  it('are the responses of a feature by class, the classes that it is relevant to first', () =>
    inProject(folder, async (project) => {
      const { layout, weights } = await stored(project, 'selection', selection, select)
      const spec = SPECS['responses'] as Extract<FigureSpec, { kind: 'responses' }>
      const all = await new ResponseStatistics(project).ofFeature(spec.extraction, responding)
      const { classes } = project.config
      const weightOf = (classIndex: number): number => weights[classIndex * layout.size + responding]
      const expected = all
        .toSorted((a, b) => b.quantiles[2] - a.quantiles[2])
        .toSorted((a, b) => Math.abs(weightOf(b.classIndex)) - Math.abs(weightOf(a.classIndex)))
      const rows = await tableOf(project, 'responses')
      expect(
        rows.map((row) => [
          row['class'],
          ...['weight', 'images', 'mean', 'quantile_05', 'quantile_25', 'median', 'quantile_75', 'quantile_95'].map(
            (column) => Number(row[column]),
          ),
        ]),
      ).toEqual(
        expected.map((each) => [
          classes[each.classIndex], weightOf(each.classIndex), each.images, each.mean, ...each.quantiles,
        ]),
      )
      expect(weightOf(expected[0].classIndex)).not.toBe(0)
      const arrays = await arraysOf(project, 'responses')
      expect(arrays.get('responses.quantiles.npy')).toEqual({
        shape: [expected.length, 5], data: Float64Array.from(expected.flatMap(({ quantiles }) => [...quantiles])),
      })
      expect([...arrays.get('responses.classes.npy')!.data]).toEqual(expected.map(({ classIndex }) => classIndex))
      const { caption } = await draw(project, spec)
      expect(caption).toContain(`images of ${classes.length} classes: `)
      expect(caption).toContain(`Relevant to ${classes[expected[0].classIndex]} (weight `)
      const last = expected.at(-1)!
      const one = await draw(project, { ...spec, classes: [last.classIndex, expected[0].classIndex], limit: 1 })
      expect(one.table.rows.map(([name]) => name)).toEqual([classes[last.classIndex]])
      expect(one.caption).toContain(`images of 1 of ${classes.length} classes (chosen ones): `)
      const first = await draw(project, { ...spec, limit: 1 })
      const left = `1 of ${classes.length} classes (those of largest weight, then of largest median)`
      expect(first.caption).toContain(`images of ${left}: `)
      expect(placedTexts(first.svg).map(({ content }) => content).join(' ')).toContain(left)
      expect(layoutFaults(first.svg)).toEqual([])
      expect((await failureOf(draw(project, { ...spec, feature: 9999 }))).sentence).toContain('There is no feature 9999')
    }))

  it('are the features that two layer sets share, class by class', () =>
    inProject(folder, async (project) => {
      const { classes } = project.config
      const one = await stored(project, 'selection', selections[0], select)
      const other = await stored(project, 'selection', selections[1], select)
      const placesOf = ({ weights, layout }: typeof one, j: number): Set<string> =>
        new Set(
          Array.from({ length: layout.size }, (_, k) => k)
            .filter((k) => weights[j * layout.size + k] !== 0)
            .map((k) => `${locate(layout, k).layer.name}/${locate(layout, k).channel}`),
        )
      const expected = classes.map((name, j) => {
        const [first, second] = [placesOf(one, j), placesOf(other, j)]
        const both = [...first].filter((place) => second.has(place)).length
        return [name, first.size - both, both, second.size - both]
      })
      const rows = await tableOf(project, 'overlap')
      const counts = ['only_first', 'both', 'only_second']
      expect(rows.slice(1).map((row) => [row['class'], ...counts.map((column) => Number(row[column]))])).toEqual(expected)
      expect(rows[0]).toMatchObject({ class: '', first_set: 'All', second_set: 'OnlyConv' })
      expect(expected.some(([, , both]) => Number(both) > 0)).toBe(true)
      const arrays = await arraysOf(project, 'overlap')
      expect([...arrays.get('overlap.counts.npy')!.data]).toEqual(expected.flatMap(([, ...numbers]) => numbers))
      const spec = SPECS['overlap'] as Extract<FigureSpec, { kind: 'overlap' }>
      const chosen = await draw(project, { ...spec, classes: [2, 0, 1], limit: 2 })
      expect(chosen.table.rows.map(([name]) => name)).toEqual([null, classes[2], classes[0]])
      expect(chosen.caption).toContain(`Features relevant to each of 2 of ${classes.length} classes: in`)
      expect(placedTexts(chosen.svg).map(({ content }) => content).join(' ')).toContain(`2 of ${classes.length} classes`)
      expect(layoutFaults(chosen.svg)).toEqual([])
      expect((await failureOf(draw(project, { ...spec, classes: [99] }))).sentence).toContain('There is no class 99')
      const missing = { ...spec.selections[1], mu: 777 }
      const notThere = draw(project, { ...spec, selections: [spec.selections[0], missing] })
      expect((await failureOf(notThere)).code).toBe('not-ready')
    }))

  it('are the statistics of each layer', () =>
    inProject(folder, async (project) => {
      const layers = await new ResponseStatistics(project).ofLayers(extraction)
      const rows = await tableOf(project, 'layer-statistics')
      const columns = ['layer_number', 'features', 'mean', 'standard_deviation', 'largest', 'silent_features']
      const expected = layers.map((layer) => [
        layer.layerNumber, layer.features, layer.mean, layer.standardDeviation, layer.largest, layer.silent,
      ])
      expect(rows.map((row) => columns.map((column) => Number(row[column])))).toEqual(expected)
      expect([...(await arraysOf(project, 'layer-statistics')).get('layer-statistics.layers.npy')!.data]).toEqual(
        expected.flat(),
      )
      const { caption } = await draw(project, SPECS['layer-statistics'])
      const strongest = layers.toSorted((a, b) => b.mean - a.mean)[0]
      expect(caption).toContain(`in layer ${strongest.layerNumber} (${strongest.layerName}), and smallest, `)
      const silent = layers.reduce((sum, layer) => sum + layer.silent, 0)
      expect(caption).toContain(silent === 0 ? 'Every feature responds' : `${silent} feature`)
      const convolutions = { ...extraction, layers: 'OnlyConv' }
      const drawn = await draw(project, { kind: 'layer-statistics', extraction: convolutions, logarithmic: true })
      expect(drawn.caption).toContain('; logarithmic axis')
      expect(drawn.table.rows.length).toBeLessThan(rows.length)
    }))

  it('are the receptive fields of the model', () =>
    inProject(folder, async (project) => {
      const { layers } = inspect(project.graph)
      const rows = await tableOf(project, 'receptive-fields')
      expect(rows.map((row) => [Number(row['layer_number']), row['layer_name'], row['operator']])).toEqual(
        layers.map(({ number, name, operator }) => [number, name, operator]),
      )
      expect([...(await arraysOf(project, 'receptive-fields')).get('receptive-fields.layers.npy')!.data]).toEqual(
        layers.flatMap(({ number, receptiveField, stride }) => [number, ...receptiveField, ...(stride ?? [0, 0])]),
      )
      const whole = layers.filter(({ stride }) => stride === null).length
      expect(rows.filter((row) => row['stride_height'] === '')).toHaveLength(whole)
      const { caption } = await draw(project, SPECS['receptive-fields'])
      expect(caption).toContain(`of each of the ${layers.length} layers of`)
      expect(caption).toContain(`It grows from ${layers[0].receptiveField.join(' × ')} px in layer 1 (${layers[0].name})`)
      expect(caption).toContain(`Units of ${whole} layer`)
    }))

  it('are the matrices of the feature, with the note and the pin', () =>
    inProject(folder, async (project) => {
      const stored_ = readAverage(project, averages, feature)
      const arrays = await arraysOf(project, 'feature')
      expect(arrays.get('feature.mean.npy')).toEqual({ shape: stored_.mean.shape, data: stored_.mean.data })
      expect(arrays.get('feature.spread.npy')!.data).toEqual(stored_.spread.data)
      expect(arrays.get('feature.patches.npy')!.shape).toEqual(stored_.montage.shape)
      const before = await draw(project, SPECS['feature'])
      expect(before.caption).not.toContain('Note:')
      const { layerNumber, channel } = stored_
      project.store.notes.set({ layerNumber, channel, text: 'Likes 50 % of\nall_corners', pinned: true })
      const after = await draw(project, SPECS['feature'])
      expect(after.caption).toContain('Note: Likes 50 % of all_corners. Pinned.')
      expect(after.svg).toContain('note: Likes 50 % of all_corners')
      expect(after.svg).toContain('; pinned')
      expect(previewOf(recipe('feature', SPECS['feature'], ['tex']), after).latex).toContain('Likes 50~\\% of all\\_corners')
      project.store.notes.remove({ layerNumber, channel })
      expect((await draw(project, SPECS['feature'])).svg).toBe(before.svg)
    }))
})
