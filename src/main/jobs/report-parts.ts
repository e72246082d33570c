import { cellText } from '../../shared/check-cell.ts'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import type { ReportSpec } from '../../shared/report.ts'
import type { ReportPart, ReportTable } from '../report/types.ts'
import { drawFigure, type FigureSources } from './figure-draw.ts'
import type { Project } from './project.ts'
import { breathe, type JobContext } from './runner.ts'

/** What the sections of a report are made with. */
export interface Gathering {
  readonly project: Project
  readonly sources: FigureSources
  readonly spec: ReportSpec
  readonly context: JobContext
  /** What turned out not to be computed. */
  readonly missing: string[]
  /** Tells that one more part is gathered. */
  readonly step: () => void
}

/** As wide as the text on a sheet of A4. */
const STYLE: FigureStyle = { widthCm: 17.5, font: 'sans', fontSizePt: 8, dpi: 300 }

/** Rows of a table in a report; a page of all features of a large network is read by nobody. */
const MOST_ROWS = 200

/**
 * Parts that need a result. Where it is not computed, or cannot be shown, a sentence takes their place; `how` says how
 * it is computed.
 */
export async function partsOf(
  gathering: Gathering,
  what: string,
  how: string,
  work: () => Promise<ReportPart[]>,
): Promise<ReportPart[]> {
  throwIfCancelled(gathering.context.signal)
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof VebiError) || error.code === 'cancelled' || error.code === 'internal') throw error
    gathering.missing.push(what)
    const text =
      error.code === 'not-ready' ? `${what}: not computed. ${how}` : `${what}: cannot be shown. ${reasonOf(error)}`
    return [{ kind: 'text', tone: 'missing', text }]
  } finally {
    gathering.step()
    await breathe()
  }
}

export async function figurePart(
  { project, sources }: Gathering,
  spec: FigureSpec,
): Promise<Extract<ReportPart, { kind: 'figure' }>> {
  const { svg, caption } = await drawFigure(project, sources, { spec, style: STYLE })
  await breathe()
  return { kind: 'figure', svg, caption }
}

type Cell = string | number | null

/** A table with its numbers as text. Columns with decimals, or of numbers alone, stand on the right. */
export function tablePart(
  title: string,
  columns: readonly { readonly title: string; readonly decimals: number | null }[],
  rows: readonly (readonly Cell[])[],
): ReportTable {
  const shown = rows.slice(0, MOST_ROWS)
  const numeric = columns.map(
    ({ decimals }, i) => decimals !== null || (rows.length > 0 && rows.every((row) => typeof row[i] === 'number')),
  )
  return {
    kind: 'table',
    title,
    columns: columns.map((column, i) => ({ title: column.title, numeric: numeric[i] })),
    rows: shown.map((row) => row.map((cell, i) => cellText(cell, columns[i]?.decimals ?? null))),
    left: rows.length - shown.length,
    csv: null,
  }
}

export function textPart(text: string, tone: 'plain' | 'lead' | 'warning' = 'plain'): ReportPart {
  return { kind: 'text', tone, text }
}
