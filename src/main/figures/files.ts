import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { Cell } from '../../core/charts/table.ts'
import { svgToPng } from './png.ts'

/** Writes `name.svg` and the same drawing as `name.png`; returns the two file names. */
export async function writeFigure(
  folder: string,
  name: string,
  figure: { readonly svg: string; readonly dpi: number },
): Promise<string[]> {
  const png = svgToPng(figure.svg, { dpi: figure.dpi })
  await writeOutput(folder, `${name}.svg`, figure.svg)
  await writeOutput(folder, `${name}.png`, png)
  return [`${name}.svg`, `${name}.png`]
}

/** Writes `name.csv` and returns the file name. Throws as `tableCsv`. */
export async function writeTable(
  folder: string,
  name: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<string> {
  await writeOutput(folder, `${name}.csv`, tableCsv(name, columns, rows))
  return `${name}.csv`
}

/**
 * A table as CSV (RFC 4180, first line the column names, numbers with all their digits, null empty).
 * Throws VebiError('bad-data') when a row is not as long as the columns or holds NaN.
 */
export function tableCsv(
  name: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  rows.forEach((row, index) => {
    if (row.length !== columns.length) {
      throw new VebiError(
        'bad-data',
        `Row ${index} of table ${name} has ${row.length} cells for ${columns.length} columns.`,
      )
    }
    const bad = row.findIndex((cell) => typeof cell === 'number' && !Number.isFinite(cell))
    if (bad >= 0) {
      throw new VebiError('bad-data', `Table ${name}, row ${index}, column ${columns[bad]}: ${row[bad]} is no number.`)
    }
  })
  // An empty string is quoted, so that it stays apart from null.
  return stringify([[...columns], ...rows.map((row) => [...row])], {
    record_delimiter: '\r\n',
    cast: { number: String },
    quoted_empty: true,
  })
}

/** Writes a file of the folder whole or not at all. */
export async function writeOutput(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const target = path.join(folder, name)
  const partial = `${target}.partial`
  try {
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(partial, content)
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw new VebiError(full ? 'disk-full' : 'bad-file', `${target} cannot be written: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}
