import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { HeatmapDisplay } from '../../../shared/figures.ts'
import type { ExplanationSpec, HeatmapMethod } from '../../../shared/jobs.ts'
import { recall, remember } from '../../lib/storage.ts'
import { useAnalysisStore } from '../../stores/analysis.ts'
import { useProjectStore } from '../../stores/project.ts'
import { inOrder } from './method-grid.ts'
import { METHODS } from './methods.ts'

export interface ExplainDisplay {
  readonly methods: readonly HeatmapMethod[]
  readonly colourMap: HeatmapDisplay['colourMap']
  readonly opacity: number
  readonly threshold: number
  readonly smooth: boolean
  /** Each picture by its own largest value, all in sight by their largest, or by a value that stays. */
  readonly scale: 'own' | 'shown' | 'fixed'
  readonly fixedMax: number
  readonly mask: boolean
  /** Whether a class that was chosen is explained for the next images too. */
  readonly keepClass: boolean
}

type Drawing = Pick<ExplanationSpec, 'topFeatures' | 'strideCorrection' | 'reduction'>

const DEFAULTS: ExplainDisplay = {
  methods: ['ours'],
  colourMap: 'viridis',
  opacity: 0.6,
  threshold: 0.1,
  smooth: true,
  scale: 'own',
  fixedMax: 1,
  mask: true,
  keepClass: false,
}
const KEY = 'explain-display'

/** How explanations are drawn on this screen. */
export const useExplainDisplayStore = defineStore('explain-display', () => {
  const analysis = useAnalysisStore()
  const project = useProjectStore()
  const display = shallowRef<ExplainDisplay>(restore())
  /** Where this screen differs from the analysis, whose results stay as they are. */
  const drawing = shallowRef<Partial<Drawing>>({})

  const methods = computed(() =>
    inOrder(
      METHODS.map(({ method }) => method),
      display.value.methods,
    ),
  )
  const explanation = computed(() => ({ ...analysis.explanation, ...drawing.value }))
  const differs = computed(() => Object.keys(drawing.value).length > 0)

  function set(changes: Partial<ExplainDisplay>): void {
    display.value = { ...display.value, ...changes }
  }

  function draw(changes: Partial<Drawing>): void {
    const wanted = { ...drawing.value, ...changes }
    drawing.value = Object.fromEntries(
      Object.entries(wanted).filter(([name, value]) => analysis.explanation[name as keyof Drawing] !== value),
    )
  }

  function drawAsAnalysis(): void {
    drawing.value = {}
  }

  watch(display, (choices) => remember(KEY, choices))
  watch(() => project.generation, drawAsAnalysis)

  return { display, methods, explanation, differs, set, draw, drawAsAnalysis }
})

/** Only what is of the right kind: the page may have been another version. */
function restore(): ExplainDisplay {
  const stored = recall(KEY)
  if (typeof stored !== 'object' || stored === null) return DEFAULTS
  const known = Object.entries(stored).filter(([name, value]) => {
    return Object.hasOwn(DEFAULTS, name) && typeof value === typeof DEFAULTS[name as keyof ExplainDisplay]
  })
  const restored = { ...DEFAULTS, ...(Object.fromEntries(known) as Partial<ExplainDisplay>) }
  return Array.isArray(restored.methods) ? restored : { ...restored, methods: DEFAULTS.methods }
}
