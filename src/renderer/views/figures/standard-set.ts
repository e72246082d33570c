import type { specsOf } from '../../../shared/analysis.ts'
import { COLUMN_WIDTHS_CM, type FigureRecipe, type FigureSpec, type StoredFigure } from '../../../shared/figures.ts'
import type { ExplanationSpec } from '../../../shared/jobs.ts'
import { DEFAULT_FORMATS, DEFAULT_STYLE, freeName } from '../../components/figure/recipe.ts'
import { canonical } from '../../lib/canonical.ts'

const AVERAGES = 24

/**
 * The figures that a paper on the method shows, of the chosen analysis: ablation (Fig. 4), class-wise ablation, average
 * images, explanations of some images by three methods, and, where there are masks, IoU (Fig. 9). Those that the
 * project has already are left out.
 */
export function standardSet(analysis: {
  readonly specs: ReturnType<typeof specsOf>
  /** Its images are indexes of test images. */
  readonly explanation: ExplanationSpec
  readonly hasMasks: boolean
  readonly stored: readonly StoredFigure[]
}): FigureRecipe[] {
  const { specs, stored, hasMasks } = analysis
  const { ablation, averages, evaluation } = specs
  const { images, selection, topFeatures, strideCorrection, reduction } = analysis.explanation
  const wanted: { name: string; spec: FigureSpec; width: keyof typeof COLUMN_WIDTHS_CM }[] = [
    { name: 'ablation', spec: { kind: 'ablation', ablation, classIndex: null, hidden: [] }, width: 'single' },
    { name: 'ablation-classwise', spec: { kind: 'classwise', ablation }, width: 'double' },
    {
      name: 'averages',
      spec: {
        kind: 'averages', averages, selection, classIndex: null, layerNumber: null, features: null, limit: AVERAGES,
      },
      width: 'double',
    },
    ...images.map((index) => ({
      name: `explanation-test-${index}`,
      spec: {
        kind: 'explanation',
        explanation: { selection, topFeatures, strideCorrection, reduction },
        image: `test/${index}`,
        classIndex: null,
        methods: ['upsampled', 'deconv-gb', 'ours'],
        display: { colourMap: 'viridis', opacity: 0.55, threshold: 0, smooth: true, scaleMax: null },
      } as const,
      width: 'double' as const,
    })),
    ...(hasMasks
      ? [{ name: 'iou', spec: { kind: 'iou', evaluation, classIndex: null, image: null, hidden: [] } as const, width: 'single' as const }]
      : []),
  ]
  const known = new Set(stored.map(({ spec }) => canonical(spec)))
  const names = stored.map(({ name }) => name)
  return wanted
    .filter(({ spec }) => !known.has(canonical(spec)))
    .map(({ name, spec, width }) => {
      const free = freeName(name, names)
      names.push(free)
      const style = { ...DEFAULT_STYLE, widthCm: COLUMN_WIDTHS_CM[width] }
      return { name: free, spec, style, formats: DEFAULT_FORMATS, caption: '' }
    })
}
