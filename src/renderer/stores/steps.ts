import { defineStore } from 'pinia'
import { computed, shallowReactive, watch } from 'vue'
import { VebiError } from '../../shared/errors.ts'
import type { ExplanationSpec } from '../../shared/jobs.ts'
import type { ImageId } from '../../shared/images.ts'
import type { Work } from '../../shared/work.ts'
import { useHost } from '../api/host.ts'
import { STEPS, stepsFor, type StepName, type StepState } from '../lib/steps.ts'
import { useAnalysisStore } from './analysis.ts'
import { useEngineStore } from './engine.ts'
import { useJobsStore } from './jobs.ts'
import { useProjectStore } from './project.ts'

/** Classes that are explained where the user names no images. */
const MOST_EXPLAINED = 12
/** Images of a class that are looked at for one that can be read. */
const MOST_TRIED = 20

/**
 * How far the analysis that is chosen in the analysis store has come. The engine is asked, because a finished job
 * tells nothing about results that were deleted since.
 */
export const useStepsStore = defineStore('steps', () => {
  const host = useHost()
  const project = useProjectStore()
  const analysis = useAnalysisStore()
  const jobs = useJobsStore()
  const engine = useEngineStore()
  const stored = shallowReactive(new Map<StepName, 'done' | 'missing'>())
  let round = 0

  /** Resolves when the result is there, for each step. */
  function probe(step: StepName): Promise<unknown> {
    const specs = analysis.specs
    switch (step) {
      case 'extraction':
        return host.call('extraction.result', specs.extraction)
      case 'selection':
        return Promise.all(specs.selections.map((spec) => host.call('selection.summary', spec)))
      case 'predictions':
        return host.call('predictions.list', { outcome: 'any', classIndex: null, order: 'data', offset: 0, limit: 1 })
      case 'ablation':
        return host.call('ablation.result', specs.ablation)
      case 'averages':
        return host.call('averages.list', specs.averages).then((entries) => {
          if (entries.some((entry) => !entry.stored)) throw new VebiError('not-ready', 'Averages are missing.')
        })
      case 'explanation':
        // In the order in which they are made: the last one is there when all are.
        return explanationSpec().then(({ images, ...explanation }) =>
          host.call('explanations.get', { explanation, image: `test/${images.at(-1) ?? 0}` }),
        )
      case 'evaluation':
        return host.call('evaluation.result', specs.evaluation)
    }
  }

  async function refresh(): Promise<void> {
    const mine = ++round
    if (!project.isOpen) return stored.clear()
    for (const step of STEPS) {
      const state = await probe(step).then(
        () => 'done' as const,
        () => 'missing' as const,
      )
      if (mine !== round) return
      stored.set(step, state)
    }
  }

  /** Asks again whenever something may have changed. */
  function follow(): void {
    watch(
      () => [project.generation, analysis.specs, jobs.ends, engine.starts],
      () => void refresh(),
      { immediate: true },
    )
    watch(
      () => project.generation,
      () => stored.clear(),
      { flush: 'sync' },
    )
  }

  function stateOf(step: StepName): StepState {
    if (!project.isOpen) return 'unknown'
    if (step === 'evaluation' && !project.hasMasks) return 'unavailable'
    if (jobs.running?.kind === step) return 'running'
    if (jobs.queued.some(({ kind }) => kind === step)) return 'queued'
    return stored.get(step) ?? 'unknown'
  }

  /** The jobs of one step. */
  async function worksOf(step: StepName): Promise<Work[]> {
    const specs = analysis.specs
    switch (step) {
      case 'extraction':
        return [{ kind: 'extraction', spec: specs.extraction }]
      case 'selection':
        return specs.selections.map((spec) => ({ kind: 'selection', spec }))
      case 'predictions':
        return [{ kind: 'predictions', spec: {} }]
      case 'ablation':
        return [{ kind: 'ablation', spec: specs.ablation }]
      case 'averages':
        return [{ kind: 'averages', spec: specs.averages }]
      case 'explanation':
        return [{ kind: 'explanation', spec: await explanationSpec() }]
      case 'evaluation':
        return [{ kind: 'evaluation', spec: specs.evaluation }]
    }
  }

  async function explanationSpec(): Promise<ExplanationSpec> {
    const { selection, topFeatures, strideCorrection, reduction } = analysis.specs.evaluation
    const images = analysis.options.images ?? (await firstOfEachClass())
    return { selection, images, topFeatures, rule: analysis.options.rule, strideCorrection, reduction }
  }

  let firstImages: { readonly generation: number; readonly indexes: Promise<number[]> } | undefined

  /** Indexes of the first test image of each class that can be read, of at most `MOST_EXPLAINED` classes, by class. */
  function firstOfEachClass(): Promise<number[]> {
    const { generation } = project
    if (firstImages?.generation !== generation) firstImages = { generation, indexes: lookUpFirstImages() }
    return firstImages.indexes
  }

  async function lookUpFirstImages(): Promise<number[]> {
    const perClass = project.info?.test.perClass ?? []
    const labels = perClass.flatMap((images, label) => (images > 0 ? [label] : [])).slice(0, MOST_EXPLAINED)
    const first: number[] = []
    for (const classIndex of labels) {
      const { items } = await host.call('images.list', { role: 'test', classIndex, offset: 0, limit: MOST_TRIED })
      for (const { id } of items) {
        if (!(await canBeRead(id))) continue
        first.push(Number(id.slice('test/'.length)))
        break
      }
    }
    return first
  }

  /** An unreadable image would end the whole job. */
  function canBeRead(image: ImageId): Promise<boolean> {
    return host.call('images.picture', { image, view: 'displayed', maxSide: 1 }).then(
      () => true,
      () => false,
    )
  }

  /** The steps that are still to be done for `step`, itself included. */
  function missingFor(step: StepName): StepName[] {
    return stepsFor(step, stateOf)
  }

  /** Queues a step with all that it needs and that is not there yet. Throws VebiError. */
  async function start(step: StepName): Promise<void> {
    for (const name of missingFor(step)) await jobs.startAll(await worksOf(name))
  }

  /** Queues every step that is not done. Throws VebiError. */
  async function runAll(): Promise<void> {
    await refresh()
    for (const name of STEPS) {
      if (!isSettled(name)) await jobs.startAll(await worksOf(name))
    }
  }

  function isSettled(step: StepName): boolean {
    return ['done', 'unavailable'].includes(stateOf(step))
  }

  const allDone = computed(() => STEPS.every(isSettled))

  return { stateOf, missingFor, worksOf, start, runAll, refresh, follow, allDone }
})
