import { Option, type Command } from 'commander'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { Graph, Suggestion } from '../../shared/graph.ts'
import type { ModelReport } from '../../shared/model-report.ts'
import { GUIDED_WORDS, guidedText, inputText, scoresText, sharingTexts } from '../../shared/model-words.ts'
import { MOST_TRIED, type PresetTrials } from '../../shared/preset-trials.ts'
import { numbersText, numberText, type PresetValues } from '../../shared/preprocessing-presets.ts'
import type { PreprocessingConfig } from '../../shared/project.ts'
import { preprocessingFor, readLabels } from '../app.ts'
import { openSource } from '../data/source.ts'
import type { ImageSource } from '../data/types.ts'
import { openForeignModel } from '../importers/isolated/index.ts'
import { inspect } from '../jobs/inspection.ts'
import { labelImages, type NamedClasses } from '../jobs/labelled-images.ts'
import { candidatesFor, type Candidate } from '../jobs/preset-candidates.ts'
import { tryPresets, type LabelledImages } from '../jobs/preset-trials.ts'
import type { JobContext } from '../jobs/runner.ts'
import { startEngine } from '../model/engine.ts'
import { Network } from '../model/network.ts'
import { preprocessingOf, type PreprocessingFlags, wholeNumber, withJson, withPreprocessing } from './options.ts'
import { say, table, withContext } from './terminal.ts'

interface InspectFlags extends PreprocessingFlags {
  try?: string
  labels?: string
  images: number
  json?: boolean
}

/** What was tried, or why nothing could be. */
type Trials = { readonly trials: PresetTrials } | { readonly trials: null; readonly reason: string }

export function addInspectCommand(program: Command): void {
  withPreprocessing(withJson(program.command('inspect <model>')))
    .description('what a model is, layer by layer, what will and will not work, and which preprocessing fits')
    .option('--try <data>', 'labelled images to try the usual preprocessing on: folder per class, IDX pair, or CSV')
    .option('--labels <file>', "class names in the order of the network's outputs, one per line")
    .addOption(
      new Option('--images <n>', 'images to try, spread over all').argParser(wholeNumber(1, MOST_TRIED)).default(MOST_TRIED),
    )
    .action(async (model: string, flags: InspectFlags) => {
      if (flags.labels !== undefined && flags.try === undefined) {
        throw new VebiError('bad-argument', '"--labels" names the classes of images to try: name these with "--try".')
      }
      const graph = await openForeignModel(model, flags.size ? { inputSize: flags.size } : {})
      const report = inspect(graph)
      const tried = flags.try === undefined ? null : await tryOn(graph, model, flags.try, flags)
      say(flags.json, { ...report, ...tried }, () =>
        [inspectionText(report), ...(tried ? [trialsText(tried)] : [])].join('\n\n'),
      )
    })
}

/** Images that do not exist or cannot be read are an error; labels that do not fit the model are a finding. */
async function tryOn(graph: Graph, model: string, data: string, flags: InspectFlags): Promise<Trials> {
  return withContext(async (context) => {
    const source = await openSource(data, { signal: context.signal })
    const named = await namesFor(graph, model, flags.labels)
    const fitting = fit(graph, source, named, flags)
    if (typeof fitting === 'string') return { trials: null, reason: fitting }
    return { trials: await measure(graph, fitting, flags.images, context) }
  })
}

/** Images with the outputs that they belong to, and what to try on them. */
interface Fitting {
  readonly images: LabelledImages
  readonly candidates: readonly Candidate[]
}

/** A reason where images and model do not fit together. */
function fit(
  graph: Graph,
  source: ImageSource,
  named: NamedClasses | null,
  flags: PreprocessingFlags,
): Fitting | string {
  try {
    const images = labelImages(source, graph.nodes[graph.output].shape.at(-1)!, named)
    return { images, candidates: candidatesFor(graph, preprocessingFor(graph, preprocessingOf(flags))) }
  } catch (error) {
    const isFinding = error instanceof VebiError && (error.code === 'bad-data' || error.code === 'unsupported')
    if (isFinding) return reasonOf(error)
    throw error
  }
}

async function namesFor(graph: Graph, model: string, labels: string | undefined): Promise<NamedClasses | null> {
  if (labels !== undefined) return { names: await readLabels(labels), from: labels }
  return graph.suggestion?.classes ? { names: graph.suggestion.classes, from: model } : null
}

async function measure(
  graph: Graph,
  { images, candidates }: Fitting,
  imageCount: number,
  context: JobContext,
): Promise<PresetTrials> {
  await startEngine()
  const network = new Network(graph)
  try {
    return await tryPresets(network, images, candidates, imageCount, context)
  } finally {
    network.dispose()
  }
}

function inspectionText(report: ModelReport): string {
  const { source, layers, nonLinearities, warnings, suggestion } = report
  const rows = layers.map((layer) => [
    layer.number,
    layer.name,
    layer.operator,
    layer.shape.join('x'),
    layer.channels,
    count(layer.parameters),
    layer.stride ? layer.stride.join('x') : 'whole',
    layer.receptiveField.join('x'),
    layer.sets.join(' '),
  ])
  const header = ['layer', 'name', 'operator', 'output', 'channels', 'parameters', 'stride', 'receptive field', 'sets']
  return [
    `Format:      ${source}`,
    `Input:       ${inputText(report)}`,
    `Outputs:     ${scoresText(report)}`,
    `Parameters:  ${count(report.parameters)}`,
    ...(suggestion ? suggestionText(suggestion) : ['The file suggests no preprocessing and names no classes.']),
    '',
    table(header, rows),
    '',
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...sharingTexts(report),
    guidedText(report),
    ...nonLinearities.map(({ guided, sentence }) => `[${GUIDED_WORDS[guided]}] ${sentence}`),
  ].join('\n')
}

function suggestionText({ preprocessing, classes, reason }: Suggestion): string[] {
  const rest = classes && classes.length > 5 ? '; ...' : ''
  return [
    ...(reason === undefined ? [] : [reason]),
    preprocessing ? `The file suggests ${flagsText(preprocessing)}` : 'The file suggests no preprocessing.',
    classes ? `The file names ${classes.length} classes: ${classes.slice(0, 5).join('; ')}${rest}` : 'The file names no classes.',
  ]
}

const isText = (column: number): boolean => column === 0 || column === 3 || column === 5

function trialsText(tried: Trials): string {
  if (tried.trials === null) return `No preprocessing was tried: ${tried.reason}`
  const { trials, images, unreadable, chance, verdict } = tried.trials
  const rows = trials.map(({ name, accuracy, logLoss, commonest, standing, preprocessing }) => [
    name,
    percent(accuracy),
    logLoss.toPrecision(2),
    standing === 'worse' ? '' : standing,
    `${commonest.classIndex} (${percent(commonest.share)})`,
    flagsText(preprocessing),
  ])
  const missing = unreadable === 0 ? '' : `, ${unreadable} more cannot be read`
  return [
    `Tried on ${images} images${missing}; naming the commonest label is right for ${percent(chance)}.`,
    table(['preprocessing', 'right', 'log loss', '', 'most predicted', 'options'], rows, isText),
    verdict,
  ].join('\n')
}

/** As `vebi init` takes them. */
function flagsText({ scale, mean, std, order, resize }: PresetValues & Pick<PreprocessingConfig, 'resize'>): string {
  const [means, deviations] = [numbersText(mean, ','), numbersText(std, ',')]
  return `--scale ${numberText(scale)} --mean=${means} --std ${deviations} --order ${order} --resize ${resize}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function count(value: number): string {
  return value.toLocaleString('en')
}
