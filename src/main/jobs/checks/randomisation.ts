import { controlMaps, randomMap, type ControlId } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { displayImage } from '../../data/preprocess.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'
import { learntNodes, partlyRandomised, randomisedGraph } from '../../model/randomised.ts'
import { centreBoxShare } from '../masks.ts'
import type { Project } from '../project.ts'
import { rankImages, type RankedImage } from '../ranking.ts'
import type { JobContext } from '../runner.ts'
import { select, type Selection } from '../selection.ts'
import { alikeness, comparedMap, MEASURES, type ComparedMap } from './alikeness.ts'
import { cachedCheck, checkInputs } from './cached.ts'
import { requireScored, scoreImages, type ScoredBatch, type ScoreRows } from './image-scores.ts'
import { ManyHeatmaps } from './many-heatmaps.ts'
import { testImages } from './perturbed-images.ts'
import { RANDOMISED_SERIES, randomisationResult, type Stage } from './randomisation-result.ts'

/** Images at once. */
const BATCH = 32

/** Most stages: a deep network has several layers randomised between two of them. */
const MOST_STAGES = 10

/**
 * Cascading model randomisation (Adebayo et al. 2018): the weights of one layer after another are put in random order,
 * from the output down, and the explanation of the same class is compared with the original at each stage.
 */
export async function checkRandomisation(
  project: Project,
  spec: CheckSpec,
  context: JobContext,
): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  const stages = stagesOf(project)
  const boxShare = await centreBoxShare(project)
  const inputs = checkInputs(project, spec, selection, { boxShare })
  return cachedCheck(project, inputs, async (writer) => {
    const indexes = testImages(project, spec.images)
    const networks = randomisedNetworks(project, spec.seed, stages)
    try {
      const plan = {
        phase: 'randomise the layers',
        source: project.test,
        indexes,
        batchSize: BATCH,
        score: (batch: ScoredBatch) => stagesScores({ project, spec, selection, boxShare, stages, networks }, batch),
      }
      const scores = await scoreImages(project, writer, plan, context)
      requireScored(scores, indexes.length)
      return randomisationResult(spec, stages, scores)
    } finally {
      for (const network of networks) network.dispose()
    }
  })
}

function stagesOf({ graph, config }: Project): Stage[] {
  const learnt = learntNodes(graph)
  if (learnt.length === 0) {
    throw new VebiError('unsupported', `${config.model} has no layer with weights that could be randomised.`)
  }
  const count = Math.min(MOST_STAGES, learnt.length)
  return Array.from({ length: count }, (_, i) => {
    const nodes = learnt.slice(0, Math.ceil(((i + 1) * learnt.length) / count))
    return { nodes, name: graph.nodes[nodes.at(-1)!].name }
  })
}

/** One for each stage; together they hold each weight once as it is and once randomised. */
function randomisedNetworks({ graph, network }: Project, seed: number, stages: readonly Stage[]): Network[] {
  const randomised = randomisedGraph(graph, seed)
  const networks: Network[] = []
  for (const { nodes } of stages) {
    networks.push(new Network(partlyRandomised(graph, randomised, new Set(nodes)), networks.at(-1) ?? network))
  }
  return networks
}

interface RandomisationSetting {
  readonly project: Project
  readonly spec: CheckSpec
  readonly selection: Selection
  readonly boxShare: number
  readonly stages: readonly Stage[]
  /** One for each stage. */
  readonly networks: readonly Network[]
}

/**
 * `alike` `[images, stages, series, measures]`: how alike each map is to the original one; NaN where it is not defined.
 */
async function stagesScores(setting: RandomisationSetting, batch: ScoredBatch): Promise<ScoreRows> {
  const { stages } = setting
  const { indexes } = batch
  const heatmaps = await cascadedHeatmaps(setting, batch)
  const alike = new Float64Array(indexes.length * stages.length * RANDOMISED_SERIES.length * MEASURES.length)
  for (const [row, index] of indexes.entries()) {
    const controls = await controlsAlike(setting, index)
    stages.forEach((_, stage) => {
      const maps = heatmaps.stages[stage]
      RANDOMISED_SERIES.forEach(({ id }, series) => {
        const pair =
          id === 'anew' || id === 'same' ? alikeness(heatmaps.original[row], maps[id][row]) : controls[stage][id]
        alike.set(pair, ((row * stages.length + stage) * RANDOMISED_SERIES.length + series) * MEASURES.length)
      })
    })
  }
  return { alike }
}

interface CascadedHeatmaps {
  readonly original: readonly ComparedMap[]
  /** Of the features that the randomised network picks anew, and of those that were picked at first. */
  readonly stages: readonly { readonly anew: readonly ComparedMap[]; readonly same: readonly ComparedMap[] }[]
}

/** The combined heatmaps of each image of the batch for the class that the intact network predicts. */
async function cascadedHeatmaps(
  { project, spec, selection, stages, networks }: RandomisationSetting,
  { indexes, data, step }: ScoredBatch,
): Promise<CascadedHeatmaps> {
  const { config, graph, network } = project
  const { height, width } = config.preprocessing
  const { topFeatures, strideCorrection, reduction } = spec.explanation
  const { layout } = selection
  const starts = layout.layers.map(({ node }) => node)
  const heatmaps = new ManyHeatmaps(layout, { rule: 'guided', strideCorrection }, reduction)
  const combined = async (
    pass: ImagePass,
    ranked: readonly RankedImage[],
    pause: () => Promise<void>,
  ): Promise<ComparedMap[]> => {
    const requests = ranked.map(({ features }, row) => features.map(({ feature }) => ({ row, feature })))
    await heatmaps.make(pass, requests.flat(), pause)
    return requests.map((own) => {
      const maps = own.map((request) => heatmaps.of(request))
      return comparedMap(combineHeatmaps(maps, height * width), height, width)
    })
  }
  const through = async <T>(passed: Network, use: (pass: ImagePass) => Promise<T>): Promise<T> => {
    const pass = new ImagePass(passed, data, indexes.length, starts)
    try {
      return await use(pass)
    } finally {
      pass.dispose()
    }
  }
  const [ranked, original] = await through(network, async (pass) => {
    const found = rankImages(graph, pass, selection, topFeatures)
    return [found, await combined(pass, found, () => step(0))]
  })
  const target = ranked.map(({ predicted }) => predicted)
  const compared: { anew: ComparedMap[]; same: ComparedMap[] }[] = []
  let before: readonly number[] = []
  for (const [i, { nodes }] of stages.entries()) {
    const pause = (): Promise<void> => step((i + 1) / (stages.length + 1))
    const randomised = nodes.filter((node) => !before.includes(node))
    // A backward pass sees the layer where it starts and those below it: the other maps are what they were.
    heatmaps.forget(new Set([...randomised, ...network.descendants(randomised)]))
    before = nodes
    compared.push(
      await through(networks[i], async (pass) => {
        const same = await combined(pass, ranked, pause)
        return { anew: await combined(pass, rankImages(graph, pass, selection, topFeatures, { target }), pause), same }
      }),
    )
  }
  return { original, stages: compared }
}

type Alikeness = ReturnType<typeof alikeness>

/** At each stage, how alike the controls of one test image are to themselves, made again. */
async function controlsAlike(
  { project: { config, test }, spec, boxShare, stages }: RandomisationSetting,
  index: number,
): Promise<Record<ControlId, Alikeness>[]> {
  const { height, width } = config.preprocessing
  const image = displayImage(await test.read(index), config.preprocessing)
  const compare = (map: Float32Array): ComparedMap => comparedMap(map, height, width)
  const first = controlMaps(image, boxShare, [spec.seed, index])
  const again = controlMaps(image, boxShare, [spec.seed, index, 1])
  const random = compare(first['random-map'])
  // Nothing of the network goes into the others: they are at every stage what they are at the first.
  const fixed = {
    'centre-box': alikeness(compare(first['centre-box']), compare(again['centre-box'])),
    sobel: alikeness(compare(first.sobel), compare(again.sobel)),
    constant: alikeness(compare(first.constant), compare(again.constant)),
  }
  return stages.map((_, stage) => ({
    ...fixed,
    'random-map': alikeness(random, compare(randomMap(image, [spec.seed, index, 1 + stage]))),
  }))
}
