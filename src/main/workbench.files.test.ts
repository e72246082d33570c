import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewProject } from '../shared/project-info.ts'
import { MOST_ENTRIES } from './jobs/files.ts'
import { RecentProjects } from './recent.ts'
import { recordedWorkbench } from './testing/recorder.ts'
import { TINY_CLASSES, writeTinyProject } from './testing/tiny-project.ts'

const state = mkdtempSync(join(tmpdir(), 'vebi-state-'))
process.env['VEBI_STATE'] = join(state, 'not made yet')
const { call, refusal, faults, close } = recordedWorkbench()
let root: string
let options: NewProject

beforeAll(async () => {
  ;({ root, options } = await writeTinyProject())
  await call('project.create', options)
})

afterAll(async () => {
  await close()
  for (const folder of [root, state]) rmSync(folder, { recursive: true, force: true })
})

describe('files.list', () => {
  it('shows folders first, each by name with numbers by size, and tells projects', async () => {
    const folder = join(root, 'mixed')
    for (const name of ['b10', 'b9', '.hidden']) mkdirSync(join(folder, name), { recursive: true })
    for (const name of ['a2.txt', 'a10.txt', 'A1.txt', '.secret']) writeFileSync(join(folder, name), name)
    symlinkSync(options.folder, join(folder, 'linked'))
    symlinkSync(join(root, 'nothing'), join(folder, 'dangling'))
    const listing = await call('files.list', { folder })
    expect(listing).toMatchObject({ folder, parent: root, omitted: 0 })
    expect(listing.entries.map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ['b9', 'folder', 0],
      ['b10', 'folder', 0],
      ['linked', 'project', 0],
      ['A1.txt', 'file', 6],
      ['a2.txt', 'file', 6],
      ['a10.txt', 'file', 7],
    ])
    expect(listing.entries[1].path).toBe(join(folder, 'b10'))
  })

  it('begins at the home folder and ends at the top', async () => {
    expect(await call('files.list', { folder: null })).toMatchObject({ folder: homedir() })
    expect(await call('files.list', { folder: '~' })).toMatchObject({ folder: homedir(), parent: dirname(homedir()) })
    expect(await call('files.list', { folder: '/' })).toMatchObject({ folder: '/', parent: null })
  })

  it('counts what it leaves out of a very full folder', async () => {
    const folder = join(root, 'full')
    mkdirSync(join(folder, 'inside'), { recursive: true })
    for (let i = 0; i < MOST_ENTRIES + 2; i++) writeFileSync(join(folder, `${i}`), '')
    const { entries, omitted } = await call('files.list', { folder })
    expect([entries.length, omitted]).toEqual([MOST_ENTRIES, 3])
    expect([entries[0].name, entries[1].name, entries.at(-1)!.name]).toEqual(['inside', '0', `${MOST_ENTRIES - 2}`])
  })

  it('says why a folder cannot be shown', async () => {
    const missing = join(root, 'nothing')
    const file = join(root, 'model', 'model.json')
    expect(await refusal('files.list', { folder: missing })).toEqual({
      code: 'missing-file',
      sentence: `"${missing}" does not exist.`,
    })
    expect(await refusal('files.list', { folder: file })).toEqual({
      code: 'bad-argument',
      sentence: `"${file}" is a file, not a folder.`,
    })
    expect(await refusal('files.list', { folder: 'a\0b' })).toMatchObject({ code: 'bad-argument' })
  })
})

describe('files.identify', () => {
  const identify = async (...parts: string[]) => {
    const { path, kind, sentence } = await call('files.identify', { path: join(root, ...parts) })
    return [relative(root, path), kind, sentence.replaceAll(root, 'ROOT')]
  }

  it('knows a project by its folder and by its file', async () => {
    const project = ['project', 'project', 'A project of VEBI Workbench.']
    expect(await identify('project')).toEqual(project)
    expect(await identify('project', 'project.sqlite')).toEqual(project)
  })

  it('knows a model by its folder and by its file', async () => {
    expect(await identify('model')).toEqual(['model', 'model', 'A TF.js LayersModel.'])
    expect(await identify('model', 'model.json')).toEqual(['model/model.json', 'model', 'A TF.js LayersModel.'])
  })

  it('knows the other models of TensorFlow', async () => {
    writeFileSync(join(root, 'graph.json'), '{"format": "graph-model", "modelTopology": {}}')
    writeFileSync(join(root, 'frozen.pb'), Uint8Array.of(10, 0))
    expect(await identify('graph.json')).toEqual(['graph.json', 'model', 'A TF.js GraphModel.'])
    expect(await identify('frozen.pb')).toEqual(['frozen.pb', 'model', 'A TensorFlow SavedModel or frozen graph.'])
  })

  const unread = 'which this version does not read: convert it to ONNX.'
  const unknown = 'is not a model, a list of images or a PNG, JPEG or WebP image.'

  it.each([
    ['net.tflite', '', `ROOT/net.tflite is a TensorFlow Lite model, ${unread}`],
    ['net.h5', '', 'ROOT/net.h5 is no HDF5 file.'],
    ['net.onnx', '', 'ROOT/net.onnx is not an ONNX model, in spite of its name.'],
    ['some.json', '{"a": 1}', 'ROOT/some.json is JSON, but not a TF.js LayersModel (it has no modelTopology).'],
    ['net.pb', 'text', 'ROOT/net.pb is neither a TensorFlow SavedModel nor a graph, in spite of its name.'],
    ['notes.txt', 'text', `"ROOT/notes.txt" ${unknown}`],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', `"ROOT/drawing.svg" ${unknown}`],
  ])('says what %s is and why it is of no use', async (name, content, sentence) => {
    writeFileSync(join(root, name), content)
    expect(await identify(name)).toEqual([name, 'other', sentence])
  })

  it('knows images: a folder for each class, a CSV, an IDX pair', async () => {
    const count = TINY_CLASSES.length
    expect(await identify('train')).toEqual(['train', 'images', `A folder with ${count} class folders.`])
    writeFileSync(join(root, 'list.csv'), 'path,label\n')
    expect(await identify('list.csv')).toEqual(['list.csv', 'images', expect.stringContaining('CSV')])
    const images = join(root, 'train-images-idx3-ubyte')
    const labels = join(root, 'train-labels-idx1-ubyte')
    writeFileSync(images, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 255))
    expect(await identify('train-images-idx3-ubyte')).toEqual([
      'train-images-idx3-ubyte',
      'other',
      'ROOT/train-images-idx3-ubyte is one IDX file: give the pair as "images:labels".',
    ])
    writeFileSync(labels, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0))
    for (const path of [images, labels, `${images}:${labels}`]) {
      expect(await call('files.identify', { path })).toMatchObject({ kind: 'images', path: `${images}:${labels}` })
    }
  })

  it('says when images lie in no class folder', async () => {
    expect(await identify('train', 'red')).toEqual([
      'train/red',
      'other',
      'A folder with 10 images, but not in one folder per class.',
    ])
  })

  it.each([
    ['png', 'PNG'],
    ['jpeg', 'JPEG'],
    ['webp', 'WebP'],
  ] as const)('knows a %s image by its content', async (format, name) => {
    const picture = sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } })
    writeFileSync(join(root, 'picture'), await picture.toFormat(format).toBuffer())
    expect(await identify('picture')).toEqual(['picture', 'image', `A ${name} image of 5 x 3 pixels.`])
  })

  it('says when there is nothing, and what an empty folder lacks', async () => {
    expect(await identify('nothing')).toEqual(['nothing', 'missing', '"ROOT/nothing" does not exist.'])
    mkdirSync(join(root, 'empty'))
    expect(await identify('empty')).toEqual([
      'empty',
      'other',
      '"ROOT/empty" is not a project, a model or a folder of images for each class.',
    ])
  })
})

describe('recent projects', () => {
  const file = join(process.env['VEBI_STATE']!, 'recent.json')

  it('begin empty, gain what is opened, and lose what is removed', async () => {
    expect(await call('recent.list')).toEqual([])
    const before = Date.now()
    await call('project.open', { folder: options.folder })
    const [recent, ...others] = await call('recent.list')
    expect(others).toEqual([])
    expect(recent).toMatchObject({ folder: options.folder, exists: true })
    expect(recent.openedAt).toBeGreaterThanOrEqual(before)
    await call('project.close')
    expect(await call('recent.remove', { folder: join(root, 'nothing') })).toHaveLength(1)
    expect(await call('recent.remove', { folder: options.folder })).toEqual([])
    expect(await call('recent.list')).toEqual([])
  })

  it('stand latest first, each once, twenty at most, and tell which are gone', async () => {
    const list = new RecentProjects(join(state, 'other', 'recent.json'))
    for (let i = 0; i < 25; i++) list.record(join(root, `project${i}`), i)
    list.record(join(root, 'project10'), 100)
    const recent = await list.list()
    const times = Array.from({ length: 25 }, (_, i) => 24 - i).filter((time) => time !== 10)
    expect(recent.map(({ openedAt }) => openedAt)).toEqual([100, ...times].slice(0, 20))
    expect(recent.every(({ exists }) => !exists)).toBe(true)
  })

  it.each(['', '{', '[{"folder": 1}]', '{"folder": "x"}'])('are none where the file holds %j', async (text) => {
    writeFileSync(file, text)
    expect(await call('recent.list')).toEqual([])
  })

  it('do not keep a project from opening where the list cannot be written', async () => {
    rmSync(file)
    mkdirSync(file)
    expect(await call('project.open', { folder: options.folder })).toMatchObject({ folder: options.folder })
    await call('project.close')
    expect(faults).toHaveLength(1)
    rmSync(file, { recursive: true })
    expect(existsSync(file)).toBe(false)
    await call('project.open', { folder: options.folder })
    expect(readFileSync(file, 'utf8')).toContain(options.folder)
    expect(faults).toHaveLength(1)
  })
})
