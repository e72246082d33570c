import type { CheckResult, CheckSpec, CheckTable } from '../../shared/checks.ts'
import { tableCsv } from '../figures/files.ts'
import type { ReportTable } from '../report/types.ts'
import { checkedWay } from './checks/heatmap-ways.ts'
import { tablePart } from './report-parts.ts'

/** Longer tables of a check fill pages that nobody reads: a report shows part of them and holds the whole as CSV. */
const LONG = 40
const SHOWN = 20
/** Images at either end of the table of images. */
const EXTREMES = 6

/** The tables of a check as a report shows them. */
export function reportTables(spec: CheckSpec, result: CheckResult): ReportTable[] {
  return result.tables.map((table) => {
    if (result.check === 'iou' && table.id === 'classes') return whole(spec, table, byClass(table))
    if (result.check === 'iou' && table.id === 'images' && table.rows.length > 2 * EXTREMES) {
      return whole(spec, table, extremes(spec, table))
    }
    if (table.rows.length <= LONG) return tablePart(table.title, table.columns, table.rows)
    const { title, columns, rows } = table
    return { ...whole(spec, table, { title, columns, rows: rows.slice(0, SHOWN) }), left: rows.length - SHOWN }
  })
}

type Shown = Pick<CheckTable, 'title' | 'columns' | 'rows'>

/** What is shown, with all of the table to save. */
function whole({ check }: CheckSpec, { id, columns, rows }: CheckTable, shown: Shown): ReportTable {
  const name = `${check}-${id}.csv`
  return {
    ...tablePart(shown.title, shown.columns, shown.rows),
    csv: { name, text: tableCsv(name, columns.map((column) => column.id), rows) },
  }
}

/** One row for each class and one column for each kind of heatmap; the intervals are in the CSV. */
function byClass({ title, columns, rows }: CheckTable): Shown {
  const place = (id: string): number => columns.findIndex((column) => column.id === id)
  const [label, heatmap, images, area] = ['class', 'heatmap', 'images', 'area'].map(place)
  const unique = (column: number): string[] => [...new Set(rows.map((row) => String(row[column])))]
  const heatmaps = unique(heatmap)
  return {
    title,
    columns: [
      columns[label],
      columns[images],
      ...heatmaps.map((name) => ({ ...columns[area], id: name, title: name })),
    ],
    rows: unique(label).map((name) => {
      const own = rows.filter((row) => row[label] === name)
      return [
        name,
        own[0][images],
        ...heatmaps.map((kind) => own.find((row) => row[heatmap] === kind)?.[area] ?? null),
      ]
    }),
  }
}

/** The images on which the checked heatmaps do best and worst. */
function extremes(spec: CheckSpec, { columns, rows }: CheckTable): Shown {
  const checked = columns.findIndex(({ id }) => id === checkedWay(spec).id.replaceAll('-', '_'))
  const sorted = rows.toSorted((a, b) => Number(b[checked]) - Number(a[checked]))
  return {
    title: `Area under IoU: the ${EXTREMES} images on which "${columns[checked].title}" does best, and the ${EXTREMES} worst, of ${rows.length}`,
    columns,
    rows: [...sorted.slice(0, EXTREMES), ...sorted.slice(-EXTREMES)],
  }
}
