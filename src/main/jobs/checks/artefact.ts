import { createHash } from 'node:crypto'
import { bootstrapMeans, type Interval } from '../../../core/bootstrap.ts'
import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { locate, type FeatureLayout } from '../../../core/features.ts'
import { powerAt, powerSpectrum } from '../../../core/spectrum.ts'
import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { CheckResult, CheckSpec, CheckTable } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { StrideCorrection } from '../../../shared/graph.ts'
import { displayImage } from '../../data/preprocess.ts'
import { fieldsOf } from '../../model/fields.ts'
import { ImagePass } from '../../model/image-pass.ts'
import type { Activations, Network } from '../../model/network.ts'
import { centreBoxShare } from '../masks.ts'
import type { Project } from '../project.ts'
import { rankImages } from '../ranking.ts'
import type { JobContext } from '../runner.ts'
import { select, type Selection } from '../selection.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { scaledMaps } from './heatmap-ways.ts'
import { requireScored, scoreImages, type ImageScores, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { testImages } from './perturbed-images.ts'
import { intervalOf, numeric, text, withEnds } from './tables.ts'
import { counted, decimal, side, withInterval } from './words.ts'

/** Images at once: the outputs of all their layers are compared bit by bit. */
const BATCH = 32

const CORRECTIONS = [
  { id: 'none', name: 'No correction (Deconv+GB)' },
  { id: 'conv', name: 'Convolutions corrected' },
  { id: 'conv+pool', name: 'Convolutions and pooling corrected' },
] as const satisfies readonly { id: StrideCorrection; name: string }[]

/**
 * The grid that strided operations leave in heatmaps (paper, section 3.3): spectral power at the frequency of each
 * stride before and after the correction, and whether the activations of the forward pass stay what they are.
 */
export async function checkArtefact(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  const periods = gridPeriods(project, selection)
  if (periods.length === 0) {
    throw new VebiError(
      'unsupported',
      `No layer of ${project.config.model} lies behind an operation with a stride: its heatmaps have no grid.`,
    )
  }
  const boxShare = await centreBoxShare(project)
  return cachedCheck(project, checkInputs(project, spec, selection, { boxShare }), async (writer) => {
    const indexes = testImages(project, spec.images)
    const plan = {
      phase: 'measure the grid',
      source: project.test,
      indexes,
      batchSize: BATCH,
      score: (batch: ScoredBatch) => gridScores(project, spec, selection, periods, boxShare, batch),
    }
    const scores = await scoreImages(project, writer, plan, context)
    requireScored(scores, indexes.length)
    return artefactResult(project, spec, periods, scores)
  })
}

/** Distances in pixels between neighbouring units of the layers on the way to the selected ones, ascending. */
function gridPeriods({ graph, network }: Project, { layout }: Selection): number[] {
  const nodes = layout.layers.map(({ node }) => node)
  const periods = new Set(network.ancestors(nodes).flatMap((node) => periodsAt(graph, node)))
  return [...periods].sort((a, b) => a - b)
}

function periodsAt(graph: Project['graph'], node: number): number[] {
  const { whole, vertical, horizontal } = fieldsOf(graph)[node]
  return whole ? [] : [vertical.stride, horizontal.stride].filter((stride) => stride > 1)
}

/**
 * `power` `[images, corrections, periods]`: share of the power at the frequency of each period, mean over those of the
 * image's features that lie behind such a stride; NaN where none does. `spectrum` `[images, corrections, frequencies]`
 * of the strongest feature, NaN without features. `controls` `[images, controls, periods]`. `identical` `[images]`:
 * 1 where the outputs of all layers are the same bits before and after the heatmaps were made.
 */
async function gridScores(
  project: Project,
  spec: CheckSpec,
  selection: Selection,
  periods: readonly number[],
  boxShare: number,
  { indexes, data, step }: ScoredBatch,
): Promise<ScoreRows> {
  const { config, graph, network, test } = project
  const { layout } = selection
  const { height, width } = config.preprocessing
  const { topFeatures, reduction } = spec.explanation
  const count = indexes.length
  const frequencies = Math.floor(Math.max(height, width) / 2) + 1
  const before = outputHash(network, data, count)
  const pass = new ImagePass(
    network,
    data,
    count,
    layout.layers.map(({ node }) => node),
  )
  const power = new Float64Array(count * CORRECTIONS.length * periods.length)
  const spectrum = new Float64Array(count * CORRECTIONS.length * frequencies).fill(NaN)
  try {
    const ranked = rankImages(graph, pass, selection, topFeatures)
    for (const [correction, { id: strideCorrection, name }] of CORRECTIONS.entries()) {
      await step(correction / CORRECTIONS.length)
      const way = { id: strideCorrection, name, method: 'ours', strideCorrection } as const
      scaledMaps(pass, layout, ranked, way, reduction).forEach((maps, row) => {
        const place = row * CORRECTIONS.length + correction
        const behind = ranked[row].features.map(({ feature }) => periodsBehind(project, layout, feature))
        periods.forEach((period, i) => {
          const own = maps.filter((_, feature) => behind[feature].has(period))
          const sum = own.reduce((total, map) => total + powerAt(map, height, width, 1 / period), 0)
          power[place * periods.length + i] = sum / own.length
        })
        const [strongest] = maps
        if (strongest) spectrum.set(powerSpectrum(strongest, height, width), place * frequencies)
      })
    }
  } finally {
    pass.dispose()
  }
  await step(1)
  const controls = new Float64Array(count * CONTROLS.length * periods.length)
  for (const [row, index] of indexes.entries()) {
    const image = displayImage(await test.read(index), config.preprocessing)
    const maps = controlMaps(image, boxShare, [spec.seed, index])
    CONTROLS.forEach(({ id }, control) =>
      periods.forEach((period, i) => {
        const share = powerAt(maps[id], height, width, 1 / period)
        controls[(row * CONTROLS.length + control) * periods.length + i] = share
      }),
    )
  }
  const identical = outputHash(network, data, count) === before ? 1 : 0
  return { power, spectrum, controls, identical: new Float64Array(count).fill(identical) }
}

/** Strides on the way from the image to a feature. */
function periodsBehind({ graph, network }: Project, layout: FeatureLayout, feature: number): Set<number> {
  const { node } = locate(layout, feature).layer
  return new Set(network.ancestors([node]).flatMap((id) => periodsAt(graph, id)))
}

/** SHA-256 over the outputs of every node. */
function outputHash(network: Network, data: Float32Array, images: number): string {
  const digest = createHash('sha256')
  const nodes = network.ancestors([network.graph.output]).filter((node) => node !== 0)
  const input = network.upload(data, images)
  let outputs: Activations = new Map()
  try {
    outputs = network.forward(input, { keep: nodes })
    for (const node of nodes) {
      const { buffer, byteOffset, byteLength } = outputs.get(node)!.dataSync<'float32'>()
      digest.update(new Uint8Array(buffer, byteOffset, byteLength))
    }
    return digest.digest('hex')
  } finally {
    input.dispose()
    for (const output of outputs.values()) output.dispose()
  }
}

/** Power at one period, for each correction over the images that have such a grid. */
interface Grid {
  readonly period: number
  readonly images: number
  readonly means: readonly Interval[]
  /** Each correction minus none, paired by image. */
  readonly changes: readonly Interval[]
}

function gridAt(scores: ImageScores, place: number, periods: readonly number[], seed: number): Grid | null {
  const power = scores.rows('power')
  const columns = CORRECTIONS.length
  const values = power.filter((_, i) => i % periods.length === place)
  const kept = values.filter((_, i) => !Number.isNaN(values[i - (i % columns)]))
  if (kept.length === 0) return null
  const means = bootstrapMeans(kept, columns, { seed })
  const changes = bootstrapMeans(
    kept.map((value, i) => value - kept[i - (i % columns)]),
    columns,
    { seed },
  )
  return {
    period: periods[place],
    images: kept.length / columns,
    means: CORRECTIONS.map((_, i) => intervalOf(means, i)),
    changes: CORRECTIONS.map((_, i) => intervalOf(changes, i)),
  }
}

function artefactResult(
  project: Project,
  spec: CheckSpec,
  periods: readonly number[],
  scores: ImageScores,
): CheckResult {
  const { seed } = spec
  const grids = periods.flatMap((_, place) => gridAt(scores, place, periods, seed) ?? [])
  if (grids.length === 0) {
    throw new VebiError('bad-data', 'No image has a relevant feature behind an operation with a stride.')
  }
  const identical = scores.rows('identical').every((same) => same === 1)
  return {
    check: 'artefact',
    title: LISTED_CHECKS.artefact.title,
    ...conclusion(spec, grids, identical, scores.images.length),
    limits: [
      'It measures the grid, not whether what is left of the heatmap is right.',
      'A picture with a texture of the same period has power at the frequency of the stride that is no artefact.',
    ],
    warnings: [],
    images: scores.images.length,
    tables: [powerTable(grids, periods, scores, seed), activationsTable(project, identical)],
    charts: [
      spectrumChart(project, scores, seed),
      {
        kind: 'intervals',
        id: 'changes',
        title: 'How the correction changes the share of the power at the frequency of the stride, paired by image',
        xTitle: 'change of the share of the power',
        rows: grids.flatMap(({ period, changes }) =>
          CORRECTIONS.flatMap(({ id, name }, i) =>
            id === 'none' ? [] : [{ name: `${name}, period ${period} pixels`, control: false, ...changes[i] }],
          ),
        ),
        reference: 0,
      },
    ],
  }
}

function conclusion(
  spec: CheckSpec,
  grids: readonly Grid[],
  identical: boolean,
  images: number,
): Pick<CheckResult, 'sentence' | 'verdict'> {
  // Without a correction of its own the check shows what the largest would do.
  const asked = CORRECTIONS.findIndex(({ id }) => id === spec.explanation.strideCorrection)
  const shown = asked > 0 ? asked : CORRECTIONS.length - 1
  const strongest = grids.reduce((a, b) => (b.means[0].value > a.means[0].value ? b : a))
  const sides = grids.map(({ changes }) => side(changes[shown]))
  const others = grids.flatMap(({ period }, i) =>
    grids[i] === strongest ? [] : [`it ${FALLS[sides[i]]} at a period of ${period}`],
  )
  const change = `a change of ${withInterval(strongest.changes[shown], 4)}`
  const numbers = [
    `at a period of ${strongest.period} pixels the share of the spectral power goes from ${decimal(strongest.means[0].value, 4)} to ${decimal(strongest.means[shown].value, 4)}, ${change}`,
    ...others,
    identical
      ? 'the activations of the forward pass stay bit-identical'
      : 'the activations of the forward pass do not stay the same',
    counted(images, 'image'),
  ].join('; ')
  const name = shown === 1 ? 'of the convolutions' : 'of convolutions and pooling'
  if (!identical || sides.every((where) => where === 'above')) {
    return { sentence: `The correction ${name} does harm: ${numbers}.`, verdict: 'against' }
  }
  if (sides.every((where) => where === 'below')) {
    return { sentence: `The correction ${name} takes the grid out: ${numbers}.`, verdict: 'for' }
  }
  const outcome = sides.includes('below') ? 'takes out the grid of some strides only' : 'does not take the grid out'
  return { sentence: `The correction ${name} ${outcome}: ${numbers}.`, verdict: 'open' }
}

const FALLS = { above: 'rises', below: 'falls', around: 'stays the same' } as const

function powerTable(
  grids: readonly Grid[],
  periods: readonly number[],
  scores: ImageScores,
  seed: number,
): CheckTable {
  const controls = bootstrapMeans(scores.rows('controls'), CONTROLS.length * periods.length, { seed })
  return {
    id: 'power',
    title: 'Share of the spectral power at the frequency of each stride',
    columns: [
      numeric('period', 'period (pixels)', 0),
      text('heatmap', 'heatmap'),
      text('role', 'role'),
      numeric('images', 'images', 0),
      ...withEnds('power', 'share of the power', 4),
      ...withEnds('change', 'change by the correction', 4),
    ],
    rows: grids.flatMap(({ period, images, means, changes }) => [
      ...CORRECTIONS.map(({ name }, i) => [
        period,
        name,
        'heatmap',
        images,
        ...threeOf(means[i]),
        ...(i === 0 ? [null, null, null] : threeOf(changes[i])),
      ]),
      ...CONTROLS.map(({ name }, i) => [
        period,
        name,
        'control',
        scores.images.length,
        ...threeOf(intervalOf(controls, i * periods.length + periods.indexOf(period))),
        null,
        null,
        null,
      ]),
    ]),
  }
}

function threeOf({ value, low, high }: Interval): number[] {
  return [value, low, high]
}

function activationsTable({ graph }: Project, identical: boolean): CheckTable {
  return {
    id: 'activations',
    title: 'Outputs of all layers before and after the heatmaps were made',
    columns: [numeric('layers', 'operators', 0), text('identical', 'bit-identical')],
    rows: [[graph.nodes.length - 1, identical ? 'yes' : 'no']],
  }
}

function spectrumChart({ config }: Project, scores: ImageScores, seed: number): CheckResult['charts'][number] {
  const { height, width } = config.preprocessing
  const size = Math.max(height, width)
  const frequencies = Math.floor(size / 2) + 1
  const row = CORRECTIONS.length * frequencies
  const all = scores.rows('spectrum')
  const kept = all.filter((_, i) => !Number.isNaN(all[i - (i % row)]))
  const means = bootstrapMeans(kept, row, { seed })
  // The mean of the heatmap, at frequency 0, would dwarf all others.
  const own = (values: Float64Array, i: number): number[] => [
    ...values.subarray(i * frequencies + 1, (i + 1) * frequencies),
  ]
  return {
    kind: 'lines',
    id: 'spectrum',
    title: 'Spectrum of the heatmap of the strongest feature, without its mean',
    xTitle: 'frequency (cycles per pixel)',
    yTitle: 'share of the power',
    series: CORRECTIONS.map(({ name }, i) => ({
      name,
      control: false,
      x: Array.from({ length: frequencies - 1 }, (_, k) => (k + 1) / size),
      y: own(means.value, i),
      low: own(means.low, i),
      high: own(means.high, i),
    })),
  }
}
