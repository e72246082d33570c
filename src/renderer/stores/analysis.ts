import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { analysisDefaults, specsOf, type AnalysisOptions } from '../../shared/analysis.ts'
import type { ExplanationSpec, SelectionSpec } from '../../shared/jobs.ts'
import type { PresetName } from '../../shared/project.ts'
import { useHost } from '../api/host.ts'
import { recall, remember } from '../lib/storage.ts'
import { useProjectStore } from './project.ts'

/** A layer set that can be looked at. */
export interface ChosenSet {
  /** As `SelectionSpec.layers`. */
  readonly layers: string
  readonly label: string
}

/**
 * The choices that all screens share: what is computed, and which class and layer set are looked at. Kept for each
 * project.
 */
export const useAnalysisStore = defineStore('analysis', () => {
  const host = useHost()
  const project = useProjectStore()
  const options = shallowRef<AnalysisOptions>(analysisDefaults('paper'))
  const chosenSet = ref('All')
  const classIndex = ref(0)
  const key = computed(() => (project.folder === null ? null : `analysis:${project.folder}`))

  /** Layer sets of the analysis, the own one last. */
  const sets = computed<readonly ChosenSet[]>(() =>
    options.value.sets.map((layers) => ({ layers, label: layers === project.info?.ownLayers ? 'Own set' : layers })),
  )
  /** The layer set that a screen of one set shows; always among `sets`. */
  const activeSet = computed<string>({
    get: () => (options.value.sets.includes(chosenSet.value) ? chosenSet.value : (options.value.sets[0] ?? 'All')),
    set: (layers) => (chosenSet.value = layers),
  })
  const specs = computed(() => specsOf(options.value))
  /** The selection that a screen of one set shows. */
  const selection = computed<SelectionSpec>(() => selectionOf(activeSet.value))
  /** An explanation from that selection, for `explanations.compute`. */
  const explanation = computed<Omit<ExplanationSpec, 'images' | 'rule'>>(() => {
    const { topFeatures, strideCorrection, reduction } = options.value
    return { selection: selection.value, topFeatures, strideCorrection, reduction }
  })

  function selectionOf(layers: string): SelectionSpec {
    const { preset, mu, nonnegative, labels } = options.value
    return { preset, layers, mu, nonnegative, labels }
  }

  function set(changes: Partial<AnalysisOptions>): void {
    options.value = { ...options.value, ...changes }
  }

  /** Takes the choices of a preset and keeps those that no preset makes. */
  function setPreset(preset: PresetName): void {
    const { mu, strideCorrection, topFeatures } = analysisDefaults(preset)
    set({ preset, mu, strideCorrection, topFeatures })
  }

  /** The layer sets that go with the own layers of the project, and the extracted layers that cover them. */
  async function followOwnLayers(): Promise<void> {
    const own = project.info?.ownLayers ?? ''
    const sets = own === '' ? ['All', 'OnlyConv'] : ['All', 'OnlyConv', own]
    let layers = 'All'
    if (own !== '') {
      const [all, chosen] = await Promise.all(
        ['All', own].map((text) => host.call('model.layerSet', { layers: text }).then(({ numbers }) => numbers)),
      )
      const missing = (chosen ?? []).some((number) => !all?.includes(number))
      if (missing) layers = [...new Set([...(all ?? []), ...(chosen ?? [])])].sort((a, b) => a - b).join(',')
    }
    if ((project.info?.ownLayers ?? '') === own) set({ sets, layers })
  }

  function restore(): void {
    const remembered = key.value === null ? undefined : recall(key.value)
    const { preset, ...choices } = (remembered ?? {}) as Partial<AnalysisOptions>
    const defaults = analysisDefaults(preset === 'released' ? 'released' : 'paper')
    const known = Object.entries(choices).filter(([name, value]) => {
      return Object.hasOwn(defaults, name) && typeof value === typeof defaults[name as keyof AnalysisOptions]
    })
    options.value = { ...defaults, ...(Object.fromEntries(known) as Partial<AnalysisOptions>) }
    chosenSet.value = 'All'
    classIndex.value = 0
  }

  watch(key, restore, { immediate: true, flush: 'sync' })
  watch(options, (choices) => {
    if (key.value !== null) remember(key.value, choices)
  })
  watch(
    () => [project.generation, project.info?.ownLayers] as const,
    () => {
      if (project.isOpen) followOwnLayers().catch(() => set({ sets: ['All', 'OnlyConv'], layers: 'All' }))
    },
    { immediate: true },
  )

  return {
    options,
    sets,
    activeSet,
    classIndex,
    specs,
    selection,
    explanation,
    selectionOf,
    set,
    setPreset,
  }
})
