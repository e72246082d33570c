import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { combineHeatmaps } from '../../../core/explanation.ts'
import { spearman, structuralSimilarity } from '../../../core/similarity.ts'
import { analysisDefaults, specsOf } from '../../../shared/analysis.ts'
import { checkSpecOf } from '../../../shared/check-list.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { preprocess } from '../../data/preprocess.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'
import { learntNodes, randomisedGraph } from '../../model/randomised.ts'
import { discard, folderIngredients, inProject, newProject, quiet, type Ingredients } from '../../testing/projects.ts'
import { rowOf } from '../../testing/planted-checks.ts'
import { extract } from '../extraction.ts'
import type { Project } from '../project.ts'
import { rankImages, type RankedImage } from '../ranking.ts'
import { select, type Selection } from '../selection.ts'
import { checkedWay, scaledMaps } from './heatmap-ways.ts'
import { checkRandomisation } from './randomisation.ts'

const IMAGES = 6
const options = analysisDefaults('paper')
const { extraction, selections } = specsOf(options)
const spec: CheckSpec = checkSpecOf('randomisation', selections[0], options, { images: IMAGES })

let from: Ingredients
let folder: string
beforeAll(async () => {
  from = await folderIngredients({ train: 40, test: IMAGES })
  folder = await newProject(from, 'project')
  await inProject(folder, (project) => extract(project, extraction, quiet()))
})
afterAll(() => discard(from))

/** Each heatmap of each network by itself: no image, no stage and no feature shares anything with another. */
async function slowCascade(project: Project): Promise<Record<'anew' | 'same', { rank: number; structure: number }>[]> {
  const { graph, config, test } = project
  const { height, width } = config.preprocessing
  const selection = await select(project, spec.selection, quiet())
  const images = await Promise.all(
    Array.from({ length: IMAGES }, async (_, i) => preprocess(await test.read(i), config.preprocessing)),
  )
  const explained = (network: Network, image: Float32Array, target?: number, ranked?: RankedImage) => {
    const pass = new ImagePass(network, image, 1, selection.layout.layers.map(({ node }) => node))
    const used = ranked ?? rankImages(graph, pass, selection, spec.explanation.topFeatures, { target })[0]
    const map = drawn(pass, selection, used, height * width)
    pass.dispose()
    return { ranked: used, map }
  }
  const learnt = learntNodes(graph)
  return learnt.map((_, stage) => {
    const shuffled = randomisedGraph(graph, spec.seed)
    const reached = learnt.slice(0, stage + 1)
    const nodes = graph.nodes.map((node) => (reached.includes(node.id) ? shuffled.nodes[node.id] : node))
    const network = new Network({ ...graph, nodes, hash: `stage ${stage}` })
    const intact = new Network(graph)
    const pairs = images.map((image) => {
      const first = explained(intact, image)
      const anew = explained(network, image, first.ranked.predicted)
      const same = explained(network, image, undefined, first.ranked)
      const measured = ({ map }: { map: Float32Array }) => ({
        rank: spearman(first.map, map),
        structure: structuralSimilarity(first.map, map, height, width),
      })
      return { anew: measured(anew), same: measured(same) }
    })
    network.dispose()
    intact.dispose()
    return { anew: meanOf(pairs.map(({ anew }) => anew)), same: meanOf(pairs.map(({ same }) => same)) }
  })
}

function drawn(pass: ImagePass, selection: Selection, ranked: RankedImage, pixels: number): Float32Array {
  const [maps] = scaledMaps(pass, selection.layout, [ranked], checkedWay(spec), spec.explanation.reduction)
  return combineHeatmaps(maps, pixels)
}

function meanOf(pairs: readonly { rank: number; structure: number }[]): { rank: number; structure: number } {
  const mean = (values: number[]): number => {
    const defined = values.filter((value) => !Number.isNaN(value))
    return defined.reduce((sum, value) => sum + value, 0) / defined.length
  }
  return { rank: mean(pairs.map(({ rank }) => rank)), structure: mean(pairs.map(({ structure }) => structure)) }
}

describe('checkRandomisation', () => {
  let result: CheckResult
  let slow: Awaited<ReturnType<typeof slowCascade>>
  let stages: string[]
  beforeAll(() =>
    inProject(folder, async (project) => {
      result = await checkRandomisation(project, spec, quiet())
      slow = await slowCascade(project)
      stages = learntNodes(project.graph).map((node) => project.graph.nodes[node].name)
    }),
  )

  it('is what each network gives by itself, at every stage', () => {
    expect(stages.length).toBeGreaterThan(2)
    stages.forEach((stage, i) => {
      const anew = rowOf(result, 'stages', stage, 'Explanation of the randomised network')
      const same = rowOf(result, 'stages', stage, 'Heatmaps of the same features')
      expect(anew.layers).toBe(i + 1)
      expect(anew.spearman).toBeCloseTo(slow[i].anew.rank, 5)
      expect(anew.ssim).toBeCloseTo(slow[i].anew.structure, 5)
      expect(same.spearman).toBeCloseTo(slow[i].same.rank, 5)
      expect(same.ssim).toBeCloseTo(slow[i].same.structure, 5)
    })
    // Something changes from stage to stage: equal rows would hide that one is taken for another.
    expect(new Set(slow.map(({ anew }) => anew.structure.toFixed(4))).size).toBeGreaterThan(2)
  })
})
