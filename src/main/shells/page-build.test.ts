import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { builtPage, latestChange } from './page-build.ts'

let root: string
const notes: string[] = []

/** Writes a file that was changed at `seconds`. */
async function write(path: string, seconds: number, text = ''): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), text)
  await utimes(join(root, path), seconds, seconds)
}

/** Folders change when something is put into them. */
async function age(folders: readonly string[], seconds: number): Promise<void> {
  for (const folder of folders) await utimes(join(root, folder), seconds, seconds)
}

/** Stands in for the builder: writes the page where it is told. */
const BUILDER = `
import { mkdirSync, writeFileSync } from 'node:fs'
const folder = process.argv[process.argv.indexOf('--outDir') + 1]
mkdirSync(folder, { recursive: true })
writeFileSync(folder + '/index.html', 'built')
`

const build = (): Promise<string> => builtPage({ root, onNote: (sentence) => notes.push(sentence) })

beforeEach(async () => {
  notes.length = 0
  root = await mkdtemp(join(tmpdir(), 'vebi-build-'))
  await write('package.json', 50, '{"type":"module"}')
  await write('node_modules/vite/bin/vite.js', 50, BUILDER)
  await write('src/renderer/index.html', 100)
  await write('src/renderer/views/start.vue', 300)
  await write('src/renderer/views/start.test.ts', 900)
  await write('src/shared/contract.ts', 200)
  await age(['src/renderer', 'src/renderer/views', 'src/shared'], 100)
})

afterEach(() => rm(root, { recursive: true, force: true }))

it('the latest change is that of any source but a test', async () => {
  expect(await latestChange(root)).toBe(300_000)
  await write('src/shared/contract.ts', 400)
  expect(await latestChange(root)).toBe(400_000)
  // The page draws and measures with it.
  await write('src/core/iou.ts', 500)
  await age(['src/core'], 100)
  expect(await latestChange(root)).toBe(500_000)
})

it('builds a page that is missing, and not again', async () => {
  expect(await build()).toBe(join(root, 'out', 'renderer'))
  await build()
  expect(notes).toEqual(['The page has not been built yet: building it.'])
})

it('builds a page anew that is older than its sources', async () => {
  await write('out/renderer/index.html', 250)
  await build()
  expect(notes).toEqual(['The page is older than its sources and is built anew.'])
})

it('takes the page as it is where there are no sources', async () => {
  await rm(join(root, 'src'), { recursive: true })
  expect(await build()).toBe(join(root, 'out', 'renderer'))
  expect(notes).toEqual([])
})

it('leaves the old page where building fails, and says why', async () => {
  await write('out/renderer/index.html', 250, 'old')
  await write('node_modules/vite/bin/vite.js', 50, 'console.error("no such component"); process.exit(1)')
  await expect(build()).rejects.toThrow('no such component')
  expect(await readFile(join(root, 'out', 'renderer', 'index.html'), 'utf8')).toBe('old')
})
