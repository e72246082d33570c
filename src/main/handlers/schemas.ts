import { z } from 'zod'
import type { ArgumentOf, MethodName } from '../../shared/contract.ts'
import type { ImageId, WorkKind, WorkSpecs } from '../../shared/results.ts'

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
  (value) => typeof value === 'string' && /^(train|test)\/\d{1,9}$/.test(value),
  'must be "train/" or "test/" and a number',
)
const preset = z.enum(['paper', 'released'])
const layers = z.string().min(1, 'must not be empty').max(10_000)
const strideCorrection = z.enum(['none', 'conv', 'conv+pool'])
const reduction = z.enum(['max-abs', 'l2'])
const topFeatures = z.int().min(1).max(1000)
const classIndex = index

const pathFields = { preset, layers, nonnegative: z.boolean(), labels: z.enum(['true', 'predicted']) }
const selection = z.strictObject({ ...pathFields, mu })
const pathSpec = { selection: z.strictObject(pathFields), classIndex }
const selections = z.array(selection).min(1, 'must name at least one').max(20)

const rule = z.enum(['gradient', 'deconvnet', 'guided'])
const explanation = { selection, topFeatures, rule, strideCorrection, reduction }

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
  predictions: nothing,
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
    z.strictObject({ kind: z.literal('predictions'), spec: specs.predictions }),
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

export const SCHEMAS = {
  'engine.info': nothing,
  'engine.diagnose': nothing,
  'model.inspect': z.strictObject({ path: path.nullable() }),
  'model.layerSet': z.strictObject({ layers }),
  'project.create': z.strictObject({
    folder: path,
    model: path,
    train: path,
    test: path,
    masks: path.optional(),
    labels: path.optional(),
    preprocessing,
  }),
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
  'selection.summary': selection,
  'selection.classFeatures': z.strictObject({ selection, classIndex }),
  'selection.matrix': selection,
  'selection.path': z.strictObject({ ...pathSpec, maxMu: mu }),
  'selection.at': z.strictObject({ ...pathSpec, mu }),
  'ablation.result': specs.ablation,
  'averages.list': specs.averages,
  'averages.get': z.strictObject({ averages: specs.averages, feature: index }),
  'explanations.get': z.strictObject({ explanation: z.strictObject(explanation), image: imageId }),
  'evaluation.result': specs.evaluation,
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
