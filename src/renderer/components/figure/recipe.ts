import { COLUMN_WIDTHS_CM, type FigureFormat, type FigureKind, type FigureSpec, type FigureStyle } from '../../../shared/figures.ts'
import type { Work } from '../../../shared/work.ts'
import type { StepName } from '../../lib/steps.ts'

/** Choices of a figure and what may be chosen. */

export const KIND_TITLES: Readonly<Record<FigureKind, string>> = {
  ablation: 'Ablation curves',
  classwise: 'Class-wise ablation',
  path: 'Regularisation path',
  'selection-matrix': 'Class by feature matrix',
  overlap: 'Overlap of layer sets',
  averages: 'Average images',
  feature: 'One feature',
  responses: 'Responses of a feature',
  'layer-statistics': 'Statistics of each layer',
  'receptive-fields': 'Receptive fields',
  explanation: 'Explanation of an image',
  iou: 'IoU curves',
  check: 'Check',
}

export const FORMATS: readonly { readonly format: FigureFormat; readonly title: string; readonly hint: string }[] = [
  { format: 'svg', title: 'SVG', hint: 'Vector drawing, with its text as text' },
  { format: 'pdf', title: 'PDF', hint: 'Vector drawing for LaTeX' },
  { format: 'png', title: 'PNG', hint: 'Pixels, at the dpi above' },
  { format: 'csv', title: 'CSV', hint: 'The numbers that are drawn, as a table' },
  { format: 'npy', title: 'NPY', hint: 'The matrices that are drawn, for NumPy' },
  { format: 'tex', title: 'TEX', hint: 'LaTeX that includes the figure, with caption and label' },
]

/** What the engine accepts. */
export const LIMITS = {
  widthCm: { least: 5, most: 60 },
  fontSizePt: { least: 4, most: 24 },
  dpi: { least: 30, most: 2400 },
} as const

export const DEFAULT_STYLE: FigureStyle = { widthCm: COLUMN_WIDTHS_CM.single, font: 'sans', fontSizePt: 8, dpi: 300 }
export const DEFAULT_FORMATS: readonly FigureFormat[] = ['svg', 'pdf', 'png', 'csv', 'tex']

/** Why a name of a figure cannot be taken; empty where it can. */
export function nameProblem(name: string): string {
  if (name === '') return 'Give the figure a name: it becomes the name of its files.'
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return 'A name has letters, digits, "-" and "_" only: it becomes the name of files.'
  return name.length > 80 ? 'A name has at most 80 characters.' : ''
}

/** A name for a file from any text. */
export function asFigureName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')
  return name.slice(0, 80) || 'figure'
}

/** The name, or with the first number behind it that is not taken. */
export function freeName(name: string, taken: readonly string[]): string {
  const wanted = asFigureName(name)
  if (!taken.includes(wanted)) return wanted
  const stem = wanted.slice(0, 74).replace(/-\d+$/, '')
  for (let number = 2; ; number++) {
    const next = `${stem}-${number}`
    if (!taken.includes(next)) return next
  }
}

/** What has been stored of a style or formats, or the defaults where it does not fit. */
export function styleFrom(stored: unknown): FigureStyle {
  const { widthCm, font, fontSizePt, dpi } = { ...DEFAULT_STYLE, ...(stored as Partial<FigureStyle> | undefined) }
  const fits = (value: unknown, { least, most }: { least: number; most: number }): boolean =>
    typeof value === 'number' && value >= least && value <= most
  const good = fits(widthCm, LIMITS.widthCm) && fits(fontSizePt, LIMITS.fontSizePt) && fits(dpi, LIMITS.dpi)
  return good && (font === 'sans' || font === 'serif') ? { widthCm, font, fontSizePt, dpi } : DEFAULT_STYLE
}

export function formatsFrom(stored: unknown): readonly FigureFormat[] {
  const known = Array.isArray(stored) ? stored : []
  const chosen = FORMATS.map(({ format }) => format).filter((format) => known.includes(format))
  return chosen.length > 0 ? chosen : DEFAULT_FORMATS
}

/** The step that a figure draws the result of, and its jobs; null where it needs none. */
export function worksOf(spec: FigureSpec): { readonly step: StepName; readonly works: readonly Work[] } | null {
  switch (spec.kind) {
    case 'ablation':
    case 'classwise':
      return { step: 'ablation', works: [{ kind: 'ablation', spec: spec.ablation }] }
    case 'averages':
    case 'feature':
      return { step: 'averages', works: [{ kind: 'averages', spec: spec.averages }] }
    case 'iou':
      return { step: 'evaluation', works: [{ kind: 'evaluation', spec: spec.evaluation }] }
    case 'check':
      // A check makes the selection that it looks at.
      return { step: 'selection', works: [{ kind: 'check', spec: spec.check }] }
    case 'selection-matrix':
    case 'responses':
      return { step: 'selection', works: [{ kind: 'selection', spec: spec.selection }] }
    case 'overlap':
      return { step: 'selection', works: spec.selections.map((each) => ({ kind: 'selection', spec: each })) }
    case 'layer-statistics':
      return { step: 'extraction', works: [{ kind: 'extraction', spec: spec.extraction }] }
    case 'receptive-fields':
      return null
    case 'explanation':
      return { step: 'selection', works: [{ kind: 'selection', spec: spec.explanation.selection }] }
    case 'path':
      // The path comes from the statistics of the extraction, which every selection makes.
      return { step: 'selection', works: [{ kind: 'selection', spec: { ...spec.path.selection, mu: spec.maxMu } }] }
  }
}
