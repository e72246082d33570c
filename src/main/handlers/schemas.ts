import { z } from 'zod'
import { CHECK_NAMES } from '../../shared/checks.ts'
import type { ArgumentOf, MethodName } from '../../shared/contract.ts'
import { MOST_FIGURE_CLASSES, MOST_FIGURE_FEATURES } from '../../shared/figures.ts'
import { MOST_REPORT_CHECKS } from '../../shared/report.ts'
import type { ImageId } from '../../shared/images.ts'
import type { WorkKind, WorkSpecs } from '../../shared/work.ts'
import { MOST_TRIED } from '../../shared/preset-trials.ts'

/** What each method accepts. Everything else is refused before a handler sees it. */

const PATH_LENGTH = 4096
const MOST_ITEMS = 100_000

const nothing = z.strictObject({})
const path = z
  .string()
  .min(1, 'must not be empty')
  .max(PATH_LENGTH)
  .refine((text) => !text.includes('\0'), 'must not hold a zero byte')
const index = z.int().min(0)
const seed = z.int().min(0).max(2 ** 32 - 1)
const mu = z.number().min(0).max(1e6)
const limit = z.int().min(1).max(10_000)
const imageId = z.custom<ImageId>(
  (value) => typeof value === 'string' && /^(train|test|added)\/(0|[1-9]\d{0,8})$/.test(value),
  'must be "train/", "test/" or "added/" and a number',
)
const preset = z.enum(['paper', 'released'])
const layers = z.string().min(1, 'must not be empty').max(10_000)
const strideCorrection = z.enum(['none', 'conv', 'conv+pool'])
const reduction = z.enum(['max-abs', 'l2'])
const topFeatures = z.int().min(1).max(1000)
const classIndex = index
/** What a figure lists, in order. */
const chosen = (most: number) =>
  z
    .array(index)
    .min(1, 'must name at least one')
    .max(most)
    .refine((numbers) => new Set(numbers).size === numbers.length, 'must name each once')
    .nullable()

const pathFields = { preset, layers, nonnegative: z.boolean(), labels: z.enum(['true', 'predicted']) }
const selection = z.strictObject({ ...pathFields, mu })
const pathSpec = { selection: z.strictObject(pathFields), classIndex }
const selections = z.array(selection).min(1, 'must name at least one').max(20)

const rule = z.enum(['gradient', 'deconvnet', 'guided'])
const heatmapMethod = z.enum(['ours', 'deconv-gb', 'deconvnet', 'gradient', 'upsampled'])
const explanation = { selection, topFeatures, rule, strideCorrection, reduction }

const check = z.strictObject({
  check: z.enum(CHECK_NAMES),
  selection,
  explanation: z.strictObject({ topFeatures, strideCorrection, reduction }),
  images: z.int().min(1).max(MOST_ITEMS).nullable(),
  repeats: z.int().min(1).max(10_000),
  seed,
})

const specs = {
  extraction: z.strictObject({ preset, layers }),
  selection,
  ablation: z.strictObject({
    selections,
    replacement: z.enum(['zero', 'mean', 'resample']),
    repeats: z.int().min(1).max(10_000),
    points: z.int().min(2).max(10_000),
    seed,
  }),
  averages: z.strictObject({ selections, patches: z.int().min(1).max(100), seed }),
  explanation: z.strictObject({
    ...explanation,
    images: z.array(index).min(1, 'must name at least one').max(MOST_ITEMS),
  }),
  evaluation: z.strictObject({ selection, topFeatures, strideCorrection, reduction, seed }),
  check,
  predictions: nothing,
  'folder-explanation': z.strictObject({ folder: path, explanation: z.strictObject(explanation) }),
  figures: z.strictObject({ folder: path, ids: z.array(index).min(1, 'must name at least one').max(MOST_ITEMS).nullable() }),
  report: z.strictObject({
    file: path,
    options: z.strictObject({
      preset,
      sets: z.array(layers).min(1, 'must name at least one').max(20),
      layers,
      mu,
      nonnegative: z.boolean(),
      labels: z.enum(['true', 'predicted']),
      replacement: z.enum(['zero', 'mean', 'resample']),
      repeats: z.int().min(1).max(10_000),
      points: z.int().min(2).max(10_000),
      patches: z.int().min(1).max(100),
      topFeatures,
      strideCorrection,
      rule,
      reduction,
      seed,
      images: z.array(index).max(MOST_ITEMS).optional(),
    }),
    checks: z.array(check).max(MOST_REPORT_CHECKS),
  }),
} satisfies { [Kind in WorkKind]: z.ZodType<WorkSpecs[Kind]> }

const work = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('extraction'), spec: specs.extraction }),
    z.strictObject({ kind: z.literal('selection'), spec: specs.selection }),
    z.strictObject({ kind: z.literal('ablation'), spec: specs.ablation }),
    z.strictObject({ kind: z.literal('averages'), spec: specs.averages }),
    z.strictObject({ kind: z.literal('explanation'), spec: specs.explanation }),
    z.strictObject({ kind: z.literal('evaluation'), spec: specs.evaluation }),
    z.strictObject({ kind: z.literal('check'), spec: specs.check }),
    z.strictObject({ kind: z.literal('predictions'), spec: specs.predictions }),
    z.strictObject({ kind: z.literal('folder-explanation'), spec: specs['folder-explanation'] }),
    z.strictObject({ kind: z.literal('figures'), spec: specs.figures }),
    z.strictObject({ kind: z.literal('report'), spec: specs.report }),
  ],
  `must be one of ${Object.keys(specs).join(', ')}`,
)

const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)], 'must be a number or a list of numbers')

const preprocessing = z.strictObject({
  height: z.exactOptional(z.int().min(1)),
  width: z.exactOptional(z.int().min(1)),
  channels: z.exactOptional(z.union([z.literal(1), z.literal(3)], 'must be 1 or 3')),
  resize: z.exactOptional(z.enum(['fit', 'crop'])),
  scale: z.exactOptional(z.number()),
  mean: z.exactOptional(perChannel),
  std: z.exactOptional(perChannel),
  order: z.exactOptional(z.enum(['rgb', 'bgr'])),
})

const draft = z.strictObject({
  model: path,
  train: path,
  test: path,
  masks: path.optional(),
  labels: path.optional(),
  modelClasses: z.boolean().optional(),
  preprocessing,
})

const figureSpec = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('ablation'),
      ablation: specs.ablation,
      classIndex: classIndex.nullable(),
      hidden: z.array(z.string().max(10_000)).max(100),
    }),
    z.strictObject({ kind: z.literal('classwise'), ablation: specs.ablation }),
    z.strictObject({ kind: z.literal('path'), path: z.strictObject(pathSpec), maxMu: mu }),
    z.strictObject({ kind: z.literal('selection-matrix'), selection }),
    z.strictObject({
      kind: z.literal('overlap'),
      selections: z.tuple([selection, selection]),
      classes: chosen(MOST_FIGURE_CLASSES),
      limit: z.int().min(1).max(MOST_FIGURE_CLASSES),
    }),
    z.strictObject({
      kind: z.literal('averages'),
      averages: specs.averages,
      selection,
      classIndex: classIndex.nullable(),
      layerNumber: z.int().min(1).nullable(),
      features: chosen(MOST_FIGURE_FEATURES),
      limit: z.int().min(1).max(MOST_FIGURE_FEATURES),
    }),
    z.strictObject({
      kind: z.literal('feature'),
      averages: specs.averages,
      feature: index,
      patches: z.int().min(1).max(100),
    }),
    z.strictObject({
      kind: z.literal('responses'),
      extraction: specs.extraction,
      selection,
      feature: index,
      classes: chosen(MOST_FIGURE_CLASSES),
      limit: z.int().min(1).max(MOST_FIGURE_CLASSES),
    }),
    z.strictObject({
      kind: z.literal('layer-statistics'),
      extraction: specs.extraction,
      logarithmic: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('receptive-fields') }),
    z.strictObject({
      kind: z.literal('explanation'),
      explanation: z.strictObject({ selection, topFeatures, strideCorrection, reduction }),
      image: imageId,
      classIndex: classIndex.nullable(),
      methods: z.array(heatmapMethod).min(1, 'must name at least one').max(heatmapMethod.options.length),
      display: z.strictObject({
        colourMap: z.enum(['viridis', 'cividis', 'jet']),
        opacity: z.number().min(0).max(1),
        threshold: z.number().min(0).max(1),
        smooth: z.boolean(),
        scaleMax: z.number().positive('must be above 0').nullable(),
      }),
    }),
    z
      .strictObject({
        kind: z.literal('iou'),
        evaluation: specs.evaluation,
        classIndex: classIndex.nullable(),
        image: index.nullable(),
        hidden: z.array(z.string().max(100)).max(100),
      })
      .refine(({ classIndex: j, image }) => j === null || image === null, 'must be of one class or of one image, not both'),
    z.strictObject({ kind: z.literal('check'), check: specs.check, chart: z.string().min(1, 'must not be empty').max(100) }),
  ],
  'must be a kind of figure',
)

const figure = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be 1 to 80 letters, digits, "-" and "_": it becomes the name of a file'),
  spec: figureSpec,
  style: z.strictObject({
    widthCm: z.number().min(5).max(60),
    font: z.enum(['sans', 'serif']),
    fontSizePt: z.number().min(4).max(24),
    dpi: z.int().min(30).max(2400),
  }),
  formats: z.array(z.enum(['svg', 'pdf', 'png', 'csv', 'npy', 'tex'])).min(1, 'must name at least one').max(6),
  caption: z.string().max(10_000),
})

export const SCHEMAS = {
  'engine.info': nothing,
  'engine.diagnose': nothing,
  'model.inspect': z.strictObject({ path: path.nullable() }),
  'model.layerSet': z.strictObject({ layers }),
  'model.setOwnLayers': z.strictObject({ layers: z.string().max(10_000) }),
  'files.list': z.strictObject({ folder: path.nullable() }),
  'files.identify': z.strictObject({ path }),
  'recent.list': nothing,
  'recent.remove': z.strictObject({ folder: path }),
  'demo.prepare': nothing,
  'draft.preview': z.strictObject({ draft, role: z.enum(['train', 'test']), count: z.int().min(1).max(64) }),
  'draft.accuracy': z.strictObject({ draft, images: limit }),
  'draft.presets': z.strictObject({ draft, images: z.int().min(1).max(MOST_TRIED) }),
  'draft.stop': nothing,
  'draft.close': nothing,
  'project.create': draft.extend({ folder: path }),
  'project.open': z.strictObject({ folder: path }),
  'project.close': nothing,
  'project.info': nothing,
  'artifacts.list': nothing,
  'artifacts.remove': z.strictObject({ ids: z.array(index).max(MOST_ITEMS) }),
  'jobs.start': work,
  'jobs.resume': z.strictObject({ id: index }),
  'jobs.cancel': z.strictObject({ id: index }),
  'jobs.list': z.strictObject({ limit: limit.optional() }),
  'jobs.get': z.strictObject({ id: index }),
  'extraction.result': specs.extraction,
  'responses.layers': specs.extraction,
  'responses.feature': z.strictObject({ extraction: specs.extraction, feature: index }),
  'notes.list': nothing,
  'notes.set': z.strictObject({
    layerNumber: z.int().min(1),
    channel: index,
    text: z.string().max(10_000),
    pinned: z.boolean(),
  }),
  'selection.summary': selection,
  'selection.classFeatures': z.strictObject({ selection, classIndex }),
  'selection.matrix': selection,
  'selection.path': z.strictObject({ ...pathSpec, maxMu: mu }),
  'selection.at': z.strictObject({ ...pathSpec, mu }),
  'ablation.result': specs.ablation,
  'ablation.classCurves': z.strictObject({ ablation: specs.ablation, classIndex }),
  'averages.list': specs.averages,
  'averages.get': z.strictObject({ averages: specs.averages, feature: index }),
  'averages.mean': z.strictObject({ averages: specs.averages, feature: index }),
  'explanations.get': z.strictObject({ explanation: z.strictObject(explanation), image: imageId }),
  'explanations.compute': z.strictObject({
    explanation: z.strictObject({ selection, topFeatures, strideCorrection, reduction }),
    image: imageId,
    classIndex: classIndex.nullable(),
    method: heatmapMethod,
  }),
  'explanations.folder': specs['folder-explanation'],
  'evaluation.result': specs.evaluation,
  'evaluation.classCurves': z.strictObject({ evaluation: specs.evaluation, classIndex }),
  'checks.result': specs.check,
  'figures.list': nothing,
  'figures.save': z.strictObject({ id: index.nullable(), figure }),
  'figures.remove': z.strictObject({ ids: z.array(index).max(MOST_ITEMS) }),
  'figures.preview': figure,
  'figures.render': figure,
  'figures.written': z.strictObject({ job: index }),
  'report.written': z.strictObject({ job: index }),
  'images.list': z.strictObject({
    role: z.enum(['train', 'test']),
    classIndex: classIndex.nullable(),
    offset: index,
    limit,
  }),
  'images.picture': z.strictObject({
    image: imageId,
    view: z.enum(['displayed', 'original']),
    maxSide: z.int().min(1).max(4096),
  }),
  'images.add': z.strictObject({
    name: z.string().min(1, 'must not be empty').max(PATH_LENGTH),
    bytes: z.instanceof(Uint8Array, { error: 'must be bytes' }),
  }),
  'images.added': nothing,
  'images.removeAdded': z.strictObject({ ids: z.array(imageId).max(MOST_ITEMS) }),
  'images.mask': z.strictObject({ image: imageId }),
  'predictions.list': z.strictObject({
    outcome: z.enum(['any', 'right', 'wrong']),
    classIndex: classIndex.nullable(),
    order: z.enum(['data', 'least-confident']),
    offset: index,
    limit,
  }),
  'predictions.ranked': z.strictObject({ image: imageId, limit }),
} satisfies { [Name in MethodName]: z.ZodType<ArgumentOf<Name>> }
