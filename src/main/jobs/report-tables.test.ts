import { describe, expect, it } from 'vitest'
import { analysisDefaults, specsOf } from '../../shared/analysis.ts'
import { checkSpecOf } from '../../shared/check-list.ts'
import type { CheckName, CheckResult, CheckTable } from '../../shared/checks.ts'
import { reportTables } from './report-tables.ts'

const options = analysisDefaults('paper')
const [selection] = specsOf(options).selections

function shown(check: CheckName, table: CheckTable): ReturnType<typeof reportTables>[number] {
  const result: CheckResult = {
    check,
    title: 'Title',
    sentence: 'Sentence.',
    verdict: 'open',
    limits: [],
    warnings: [],
    images: 1,
    tables: [table],
    charts: [],
  }
  return reportTables(checkSpecOf(check, selection, options), result)[0]
}

const text = (id: string) => ({ id, title: id, decimals: null })
const number = (id: string) => ({ id, title: id, decimals: 2 })

describe('tables of a report', () => {
  it('show each class in one row, with all of the table to save', () => {
    const table = shown('iou', {
      id: 'classes',
      title: 'By class',
      columns: [text('class'), text('heatmap'), number('images'), number('area'), number('area_low')],
      rows: [
        ['red', 'Ours', 3, 0.25, 0.2],
        ['red', 'Sobel', 3, 0.125, 0.1],
        ['blue', 'Ours', 4, 0.5, 0.4],
      ],
    })
    expect(table.columns.map(({ title }) => title)).toEqual(['class', 'images', 'Ours', 'Sobel'])
    expect(table.rows).toEqual([
      ['red', '3.00', '0.25', '0.13'],
      ['blue', '4.00', '0.50', '–'],
    ])
    expect(table.csv).toEqual({
      name: 'iou-classes.csv',
      text: 'class,heatmap,images,area,area_low\r\nred,Ours,3,0.25,0.2\r\nred,Sobel,3,0.125,0.1\r\nblue,Ours,4,0.5,0.4\r\n',
    })
  })

  it('show the images on which the checked heatmaps do best and worst', () => {
    const table = shown('iou', {
      id: 'images',
      title: 'Images',
      columns: [text('image'), number('sobel'), number('ours_conv_pool')],
      // 7 and 20 have no common factor, so that every hundredth from 0.00 to 0.19 occurs once.
      rows: Array.from({ length: 20 }, (_, i) => [`image ${i}`, 1, ((i * 7) % 20) / 100]),
    })
    expect(table.rows.map(([, , area]) => area)).toEqual(
      [19, 18, 17, 16, 15, 14, 5, 4, 3, 2, 1, 0].map((area) => (area / 100).toFixed(2)),
    )
    expect(table.title).toContain('"ours_conv_pool" does best, and the 6 worst, of 20')
    expect(table.csv!.text.split('\r\n')).toHaveLength(22)
  })

  it('show the beginning of what is long, and what is short as it is', () => {
    const rows = Array.from({ length: 41 }, (_, i) => [`row ${i}`])
    const long = shown('insertion', { id: 'curves', title: 'Curves', columns: [text('name')], rows })
    expect([long.rows.length, long.left]).toEqual([20, 21])
    expect(long.csv!.name).toBe('insertion-curves.csv')
    const short = shown('insertion', { id: 'curves', title: 'Curves', columns: [text('name')], rows: rows.slice(1) })
    expect([short.rows.length, short.left, short.csv]).toEqual([40, 0, null])
  })
})
