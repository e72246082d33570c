import { bootstrapMeans, type Intervals } from '../../../core/bootstrap.ts'
import { areaUnder, IOU_THRESHOLDS } from '../../../core/iou.ts'
import type { FlowerVariant } from '../../../core/an8flower/classes.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckChart, CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import type { Project } from '../project.ts'
import { checkedWay, HEATMAP_WAYS } from './heatmap-ways.ts'
import type { ImageScores } from './image-scores.ts'
import { overlapKinds, type OverlapKind } from './iou-scores.ts'
import { PAPER_AREAS } from './paper-figures.ts'
import { differencesTo, ends, intervalOf, NO_ENDS, numeric, rowsWhere, text, withEnds, type Cell } from './tables.ts'
import type { NoValidation, ValidationImages } from './validation-images.ts'
import { counted, decimal, side, withinSentence, withInterval } from './words.ts'

/** Images that have a row of their own: a table of all of a large test set helps nobody. */
const MOST_IMAGE_ROWS = 2000

export interface OverlapExtras {
  readonly validation: ValidationImages | NoValidation
  /** Of each kind, an index of `IOU_THRESHOLDS`; null where none was chosen. */
  readonly thresholds: readonly number[] | null
  readonly variant: FlowerVariant | null
}

/** What the result is made of, each `[images, kinds]`. */
interface Measured {
  readonly kinds: readonly OverlapKind[]
  /** Index of the combined heatmaps that are checked. */
  readonly checked: number
  readonly images: number
  readonly areas: Float64Array
  readonly labels: readonly number[]
  readonly predicted: readonly number[]
  readonly seed: number
}

/** Mean of each kind with its interval, and how far the checked heatmaps are above it. */
interface Totals {
  readonly areas: Intervals
  readonly pointing: Intervals
  readonly mass: Intervals
  readonly atThreshold: Intervals | null
  /** Checked minus other, image by image. */
  readonly differences: Intervals
}

export function overlapResult(
  project: Project,
  spec: CheckSpec,
  scores: ImageScores,
  extras: OverlapExtras,
): CheckResult {
  const measured = measuredFrom(spec, scores)
  const totals = totalsOf(measured, scores, extras.thresholds)
  const { kinds, images } = measured
  return {
    check: 'iou',
    title: LISTED_CHECKS.iou.title,
    ...conclusion(measured, totals),
    limits: [
      'A mask marks the part that makes the class, not what the network looks at: where a network decides by something else, a heatmap outside of the mask is right.',
      'Overlap does not show that a heatmap depends on what the network has learnt: the edges of the picture may lie on the part as well.',
      'The area under the IoU curve rewards maps that fill the part evenly: a map with one bright spot on it has a small area and points at it all the same.',
    ],
    warnings: warningsOf(extras),
    images,
    tables: [
      scoresTable(measured, totals, extras.thresholds),
      differencesTable(measured, totals),
      outcomesTable(measured),
      classesTable(project, measured),
      ...(extras.variant ? [paperTable(measured, totals, extras.variant)] : []),
      imagesTable(project, measured, scores),
    ],
    charts: [curvesChart(measured, scores), areasChart(kinds, totals), differencesChart(measured, totals)],
  }
}

function measuredFrom(spec: CheckSpec, scores: ImageScores): Measured {
  const kinds = overlapKinds()
  const levels = IOU_THRESHOLDS.length
  const curves = scores.rows('curves')
  const classes = scores.rows('classes')
  const images = scores.images.length
  return {
    kinds,
    checked: kinds.findIndex(({ id }) => id === `${checkedWay(spec).id}/combined`),
    images,
    areas: Float64Array.from({ length: images * kinds.length }, (_, i) =>
      areaUnder(curves.subarray(i * levels, (i + 1) * levels)),
    ),
    labels: Array.from({ length: images }, (_, i) => classes[i * 2]),
    predicted: Array.from({ length: images }, (_, i) => classes[i * 2 + 1]),
    seed: spec.seed,
  }
}

function totalsOf(measured: Measured, scores: ImageScores, thresholds: readonly number[] | null): Totals {
  const { kinds, areas, checked, seed } = measured
  const count = kinds.length
  const levels = IOU_THRESHOLDS.length
  const curves = scores.rows('curves')
  const means = (rows: Float64Array): Intervals => bootstrapMeans(rows, count, { seed })
  return {
    areas: means(areas),
    pointing: means(scores.rows('pointing')),
    mass: means(scores.rows('mass')),
    atThreshold: thresholds && means(areas.map((_, i) => curves[i * levels + thresholds[i % count]])),
    differences: means(differencesTo(areas, count, checked)),
  }
}

function conclusion(measured: Measured, { areas, differences }: Totals): Pick<CheckResult, 'sentence' | 'verdict'> {
  const { kinds, checked, images } = measured
  const controls = kinds.flatMap(({ control }, kind) => (control ? [kind] : []))
  const best = controls.reduce((a, b) => (areas.value[b] > areas.value[a] ? b : a))
  const against = controls.map((kind) => side(intervalOf(differences, kind)))
  const baseline = kinds.findIndex(({ id }) => id === 'deconv-gb/combined')
  const own = `area under the IoU curve ${withInterval(intervalOf(areas, checked))} over ${counted(images, 'image')}`
  const control = `${decimal(areas.value[best])} of the best control (${withinSentence(kinds[best].name)})`
  const beside = baseline === checked ? '' : `; Deconv+GB has ${decimal(areas.value[baseline])}`
  if (against.every((where) => where === 'above')) {
    return {
      sentence: `The heatmaps find the masked parts better than every control: ${own} against ${control}${beside}.`,
      verdict: 'for',
    }
  }
  if (against.includes('below')) {
    return {
      sentence: `The heatmaps find the masked parts worse than a control that knows nothing of what the network has learnt: ${own} against ${control}${beside}.`,
      verdict: 'against',
    }
  }
  return {
    sentence: `The heatmaps cannot be told from the best control by the masked parts: ${own} against ${control}${beside}.`,
    verdict: 'open',
  }
}

function warningsOf({ validation, thresholds }: OverlapExtras): string[] {
  if (thresholds) return []
  const reason = 'reason' in validation ? validation.reason : 'none of the validation images can be read'
  return [`No IoU at a single threshold is given: ${reason}.`]
}

function nameOf({ name, maps }: OverlapKind): string {
  return maps === 'each' ? `${name}, each feature alone` : name
}

function scoresTable({ kinds }: Measured, totals: Totals, thresholds: readonly number[] | null): CheckTable {
  return {
    id: 'scores',
    title: 'Overlap of each kind of heatmap, mean over the images',
    columns: [
      text('heatmap', 'heatmap'),
      text('role', 'role'),
      ...withEnds('area', 'area under IoU'),
      numeric('threshold', 'threshold from validation', 2),
      ...withEnds('iou', 'IoU at it'),
      ...withEnds('pointing', 'pointing game'),
      ...withEnds('mass', 'mass inside'),
    ],
    rows: kinds.map((kind, i) => [
      nameOf(kind),
      kind.control ? 'control' : 'heatmap',
      ...ends(totals.areas, i),
      thresholds ? IOU_THRESHOLDS[thresholds[i]] : null,
      ...(totals.atThreshold ? ends(totals.atThreshold, i) : NO_ENDS),
      ...ends(totals.pointing, i),
      ...ends(totals.mass, i),
    ]),
  }
}

function differencesTable({ kinds, checked }: Measured, { differences }: Totals): CheckTable {
  return {
    id: 'differences',
    title: `Area of ${withinSentence(nameOf(kinds[checked]))} minus that of the other, paired by image`,
    columns: [text('other', 'other'), text('role', 'role'), ...withEnds('difference', 'difference')],
    rows: kinds.flatMap((kind, i) =>
      i === checked ? [] : [[nameOf(kind), kind.control ? 'control' : 'heatmap', ...ends(differences, i)]],
    ),
  }
}

function outcomesTable(measured: Measured): CheckTable {
  const { kinds, areas, labels, predicted, seed } = measured
  const isRight = (image: number): boolean => labels[image] === predicted[image]
  const groups = [isRight, (image: number) => !isRight(image)].map((keep) => {
    const rows = rowsWhere(areas, kinds.length, keep)
    return {
      images: rows.length / kinds.length,
      means: rows.length > 0 ? bootstrapMeans(rows, kinds.length, { seed }) : null,
    }
  })
  return {
    id: 'outcomes',
    title: `Area under IoU where the prediction is right (${counted(groups[0].images, 'image')}) and where it is wrong (${groups[1].images})`,
    columns: [text('heatmap', 'heatmap'), ...withEnds('right', 'right'), ...withEnds('wrong', 'wrong')],
    rows: kinds.map((kind, i) => [
      nameOf(kind),
      ...groups.flatMap(({ means }): Cell[] => (means ? ends(means, i) : [...NO_ENDS])),
    ]),
  }
}

function classesTable({ config }: Project, measured: Measured): CheckTable {
  const { kinds, areas, labels, seed } = measured
  return {
    id: 'classes',
    title: 'Area under IoU of each class',
    columns: [
      text('class', 'class'),
      text('heatmap', 'heatmap'),
      numeric('images', 'images', 0),
      ...withEnds('area', 'area under IoU'),
    ],
    rows: config.classes.flatMap((name, j) => {
      const rows = rowsWhere(areas, kinds.length, (image) => labels[image] === j)
      if (rows.length === 0) return []
      const means = bootstrapMeans(rows, kinds.length, { seed })
      return kinds.flatMap((kind, i) =>
        kind.maps === 'each' ? [] : [[name, nameOf(kind), rows.length / kinds.length, ...ends(means, i)]],
      )
    }),
  }
}

function paperTable({ kinds }: Measured, { areas }: Totals, variant: FlowerVariant): CheckTable {
  return {
    id: 'paper',
    title: `Area under IoU beside the paper's for its an8Flower ${variant}, whose images are others`,
    columns: [text('heatmap', 'heatmap'), ...withEnds('area', 'here'), numeric('paper', 'paper', 2)],
    rows: HEATMAP_WAYS.map(({ id, method, name }) => [
      name,
      ...ends(
        areas,
        kinds.findIndex((kind) => kind.id === `${id}/combined`),
      ),
      PAPER_AREAS[variant][method as 'upsampled' | 'deconv-gb' | 'ours'],
    ]),
  }
}

function imagesTable({ test, config }: Project, measured: Measured, scores: ImageScores): CheckTable {
  const { kinds, areas, images, labels, predicted } = measured
  const shown = kinds.flatMap((kind, i) => (kind.maps === 'each' ? [] : [i]))
  return {
    id: 'images',
    title: images > MOST_IMAGE_ROWS ? `Area under IoU of the first ${MOST_IMAGE_ROWS} images` : 'Area under IoU of each image',
    columns: [
      text('image', 'image'),
      text('class', 'class'),
      text('predicted', 'predicted'),
      ...shown.map((i) => numeric(columnId(kinds[i].id), kinds[i].name)),
    ],
    rows: Array.from(scores.images.subarray(0, MOST_IMAGE_ROWS), (index, row) => [
      test.records[index].name,
      config.classes[labels[row]],
      config.classes[predicted[row]],
      ...shown.map((i) => areas[row * kinds.length + i]),
    ]),
  }
}

function columnId(kind: string): string {
  return kind.replace('/combined', '').replaceAll('-', '_')
}

function curvesChart({ kinds, images, seed }: Measured, scores: ImageScores): CheckChart {
  const levels = IOU_THRESHOLDS.length
  const shown = kinds.flatMap((kind, i) => (kind.maps === 'each' ? [] : [i]))
  const all = scores.rows('curves')
  const rows = new Float64Array(images * shown.length * levels)
  for (let image = 0; image < images; image++) {
    shown.forEach((kind, i) => {
      const begin = (image * kinds.length + kind) * levels
      rows.set(all.subarray(begin, begin + levels), (image * shown.length + i) * levels)
    })
  }
  const curves = bootstrapMeans(rows, shown.length * levels, { seed })
  return {
    kind: 'lines',
    id: 'curves',
    title: 'IoU of heatmaps and masks over the threshold',
    xTitle: 'threshold of the heatmap (share of its range)',
    yTitle: 'mean IoU',
    series: shown.map((kind, i) => {
      const own = (values: Float64Array): number[] => [...values.subarray(i * levels, (i + 1) * levels)]
      return {
        name: kinds[kind].name,
        control: kinds[kind].control,
        x: [...IOU_THRESHOLDS],
        y: own(curves.value),
        low: own(curves.low),
        high: own(curves.high),
      }
    }),
  }
}

function areasChart(kinds: readonly OverlapKind[], { areas }: Totals): CheckChart {
  return {
    kind: 'intervals',
    id: 'areas',
    title: 'Area under the IoU curve',
    xTitle: 'area under the IoU curve',
    rows: kinds.map((kind, i) => ({ name: nameOf(kind), control: kind.control, ...intervalOf(areas, i) })),
    reference: null,
  }
}

function differencesChart({ kinds, checked }: Measured, { differences }: Totals): CheckChart {
  return {
    kind: 'intervals',
    id: 'differences',
    title: `How much larger the area of ${withinSentence(kinds[checked].name)} is, paired by image`,
    xTitle: 'difference of areas under the IoU curve',
    rows: kinds.flatMap((kind, i) =>
      i === checked ? [] : [{ name: nameOf(kind), control: kind.control, ...intervalOf(differences, i) }],
    ),
    reference: 0,
  }
}
