import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFigure, writeTable } from './files.ts'
import { writeManifest } from './manifest.ts'
import type { ManifestContent } from './manifest.ts'
import { svgToPng } from './png.ts'
import { rectangle, svgDocument } from './svg.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vebi-figures-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const SVG = svgDocument(72, 36, [rectangle({ x: 10, y: 10, width: 20, height: 10 }, 'fill="#ff0000"')])
const SETTINGS: ManifestContent = {
  settings: { mu: 10, layers: ['b', 'a'] },
  seeds: { random: 7 },
  versions: { vebi: '1' },
}

describe('writeFigure', () => {
  it('writes SVG and PNG of the same drawing', async () => {
    const deep = path.join(folder, 'new', 'deep')
    expect(await writeFigure(deep, 'box', { svg: SVG, dpi: 72 })).toEqual(['box.svg', 'box.png'])
    expect(await readFile(path.join(deep, 'box.svg'), 'utf8')).toBe(SVG)
    expect((await readFile(path.join(deep, 'box.png'))).equals(svgToPng(SVG, { dpi: 72 }))).toBe(true)
    expect((await readdir(deep)).sort()).toEqual(['box.png', 'box.svg'])
  })

  it('names the file that cannot be written and leaves nothing behind', async () => {
    await mkdir(path.join(folder, 'box.svg'))
    await expect(writeFigure(folder, 'box', { svg: SVG, dpi: 72 })).rejects.toThrow('box.svg cannot be written')
    expect(await readdir(folder)).toEqual(['box.svg'])
  })
})

describe('writeTable', () => {
  it('survives a round trip with awkward text and every digit', async () => {
    const columns = ['class', 'value, "quoted"']
    const rows = [
      ['<tabby & "cat">', 0.1 + 0.2],
      ['a,b\nc', -1.5e-300],
      ['=SUM(A1)', null],
      ['Käfer 虫', 2 ** 53],
      ['', 0],
    ]
    expect(await writeTable(folder, 'values', columns, rows)).toBe('values.csv')
    const text = await readFile(path.join(folder, 'values.csv'), 'utf8')
    const parsed: string[][] = parse(text)
    const [header, ...body] = parsed
    expect(header).toEqual(columns)
    expect(body).toEqual(rows.map(([name, value]) => [name, value === null ? '' : String(value)]))
    expect(body.map(([, value]) => (value === '' ? null : Number(value)))).toEqual(rows.map(([, value]) => value))
    expect(text.split('\r\n').at(-2)).toBe('"",0')
  })

  it('refuses ragged rows and numbers that are none', async () => {
    await expect(writeTable(folder, 'bad', ['a', 'b'], [[1, 2], [1]])).rejects.toThrow('Row 1 of table bad has 1 cells')
    await expect(writeTable(folder, 'bad', ['a', 'b'], [[1, NaN]])).rejects.toThrow('row 0, column b: NaN')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('writeManifest', () => {
  const read = async (): Promise<string> => readFile(path.join(folder, 'manifest.json'), 'utf8')

  it('lists every file below the folder with its size and SHA-256, itself not', async () => {
    await mkdir(path.join(folder, 'sub'))
    await writeFile(path.join(folder, 'b.txt'), 'abc')
    await writeFile(path.join(folder, 'sub', 'a.bin'), Uint8Array.of(0, 255))
    await writeManifest(folder, { ...SETTINGS, files: { 'b.txt': 'three letters' } })
    await writeManifest(folder, { ...SETTINGS, files: { 'b.txt': 'three letters' } })
    const { files } = JSON.parse(await read()) as { files: unknown }
    expect(files).toEqual([
      {
        path: 'b.txt',
        bytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        shows: 'three letters',
      },
      { path: 'sub/a.bin', bytes: 2, sha256: createHash('sha256').update(Uint8Array.of(0, 255)).digest('hex') },
    ])
  })

  it('is the same text whatever the order of keys', async () => {
    await writeFile(path.join(folder, 'x'), 'x')
    await writeManifest(folder, { ...SETTINGS, preset: 'paper', model: { name: 'm', hash: 'h' } })
    const first = await read()
    await writeManifest(folder, {
      model: { hash: 'h', name: 'm' },
      preset: 'paper',
      versions: { vebi: '1' },
      seeds: { random: 7 },
      settings: { layers: ['b', 'a'], mu: 10 },
    })
    expect(await read()).toBe(first)
    const keys = Object.keys(JSON.parse(first) as object)
    expect(keys).toEqual(['files', 'model', 'preset', 'seeds', 'settings', 'versions'])
    expect(first).not.toContain(folder)
    expect(first).toContain('"layers": [\n      "b",\n      "a"\n    ]')
  })

  it('refuses to describe a file that is not there', async () => {
    await expect(writeManifest(folder, { ...SETTINGS, files: { 'gone.svg': 'x' } })).rejects.toThrow('gone.svg')
  })
})
