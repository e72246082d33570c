import { dirname, resolve } from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'
import { VebiError } from '../../shared/errors.ts'
import { openFiles } from './file-source.ts'
import type { LabelledFile } from './file-source.ts'
import { byCodeUnits, isFile, isImageName, listed, readWhole } from './files.ts'
import { findMasks } from './masks.ts'
import type { OpenOptions } from './open-options.ts'
import type { ImageSource } from './types.ts'

interface Row {
  readonly line: number
  readonly path: string
  readonly label: string
  readonly mask: string
}

/** A plain integer label is refused above this: it would make that many classes. */
const MAX_INTEGER_LABEL = 99_999

/**
 * A CSV `path,label[,mask]`, UTF-8, comma separated, paths relative to its folder. A first row that names the columns
 * `path` and `label` is a header (then in any order, others ignored). Labels are class names or, where all are
 * integers from 0, class numbers; with `options.classes`, names from that list or positions in it. A mask column goes
 * before a masks folder.
 */
export async function openCsv(location: string, options: OpenOptions): Promise<ImageSource> {
  const rows = readRows(location, await readText(location))
  const { classes, labels } = resolveLabels(location, rows, options.classes)
  const notes: string[] = []
  const present = new Set(labels)
  const absent = classes.filter((_, label) => !present.has(label))
  if (absent.length > 0) notes.push(`No image in "${location}" belongs to: ${listed(absent)}.`)

  const names = rows.map(({ path }) => path.replaceAll('\\', '/'))
  const masks = options.masks === undefined ? null : await findMasks(options.masks, names)
  notes.push(...(masks?.notes ?? []))
  const folder = dirname(location)
  const lineOf = new Map<string, number>()
  const files: LabelledFile[] = []
  for (const [index, row] of rows.entries()) {
    const path = resolve(folder, names[index])
    const earlier = lineOf.get(path)
    if (earlier !== undefined) {
      throw new VebiError('bad-data', `"${location}" lists "${row.path}" twice, in lines ${earlier} and ${row.line}.`)
    }
    lineOf.set(path, row.line)
    const mask = row.mask === '' ? null : resolve(folder, row.mask.replaceAll('\\', '/'))
    await checkExists(location, row, path, row.path)
    if (mask !== null) await checkExists(location, row, mask, row.mask)
    files.push({ path, name: names[index], label: labels[index], maskPath: mask ?? masks?.paths[index] ?? null })
  }
  return openFiles({ location, classes, files, notes }, options)
}

async function readText(location: string): Promise<string> {
  const bytes = await readWhole(location, location)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new VebiError('bad-file', `"${location}" is not a CSV file in UTF-8.`, { cause: error })
  }
}

function readRows(location: string, text: string): Row[] {
  if (text.includes('\0')) {
    throw new VebiError('bad-file', `"${location}" is not a CSV file: it holds zero bytes.`)
  }
  const records = parseCsv(location, text)
  const head = records[0]?.record.map((cell) => cell.toLowerCase()) ?? []
  const hasHeader = head.includes('path') && head.includes('label')
  const columns = hasHeader
    ? { path: head.indexOf('path'), label: head.indexOf('label'), mask: head.indexOf('mask') }
    : { path: 0, label: 1, mask: 2 }
  const rows = records.slice(hasHeader ? 1 : 0).map(({ record, line }): Row => {
    const fits = hasHeader ? record.length === head.length : record.length === 2 || record.length === 3
    if (!fits) {
      const expected = hasHeader ? `its header has ${head.length}` : 'expected are path,label[,mask]'
      throw new VebiError('bad-data', `"${location}", line ${line}: ${record.length} columns, but ${expected}.`)
    }
    const row = { line, path: record[columns.path], label: record[columns.label], mask: record[columns.mask] ?? '' }
    if (row.path === '' || row.label === '') {
      throw new VebiError('bad-data',
        `"${location}", line ${line}: the ${row.path === '' ? 'path' : 'label'} is empty.`)
    }
    return row
  })
  if (rows.length === 0) throw new VebiError('bad-data', `"${location}" lists no images.`)
  return rows
}

function parseCsv(location: string, text: string): { record: string[]; line: number }[] {
  try {
    const options = { trim: true, skip_empty_lines: true, relax_column_count: true, info: true } as const
    const parsed = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    return parsed.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const reason = error.message.replace(/\.$/, '')
    throw new VebiError('bad-file', `"${location}" is not a readable CSV: ${reason}.`, { cause: error })
  }
}

function resolveLabels(
  location: string, rows: readonly Row[], wanted: readonly string[] | undefined,
): { classes: readonly string[]; labels: number[] } {
  const numbers = rows.map(({ label }) => (/^\d{1,9}$/.test(label) ? Number(label) : -1))
  if (wanted === undefined && numbers.every((number) => number >= 0)) {
    const most = numbers.reduce((a, b) => Math.max(a, b))
    if (most > MAX_INTEGER_LABEL) {
      throw new VebiError('bad-data', `"${location}" has the class number ${most}; the most is ${MAX_INTEGER_LABEL}.`)
    }
    return { classes: Array.from({ length: most + 1 }, (_, label) => String(label)), labels: numbers }
  }
  const classes = wanted ?? [...new Set(rows.map(({ label }) => label))].sort(byCodeUnits)
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const labels = rows.map(({ line, label }, index) => {
    const number = numbers[index]
    const known = labelOf.get(label) ?? (number >= 0 && number < classes.length ? number : undefined)
    if (known === undefined) {
      throw new VebiError('bad-data',
        `"${location}", line ${line}: the label "${label}" is not among the ${classes.length} classes.`)
    }
    return known
  })
  return { classes, labels }
}

async function checkExists(location: string, row: Row, path: string, name: string): Promise<void> {
  if (!isImageName(path)) {
    throw new VebiError('bad-data',
      `"${location}", line ${row.line}: "${name}" is not a PNG, JPEG, WebP, GIF or TIFF file.`)
  }
  if (!(await isFile(path))) {
    throw new VebiError('missing-file', `"${location}", line ${row.line}: "${name}" does not exist.`)
  }
}
