import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OpenOptions } from './open-options.ts'
import { checkDisjoint, sourceKey } from './identity.ts'
import { openSource } from './source.ts'

let root: string
let folder: string
let made = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vebi-data-'))
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(() => {
  folder = join(root, String(++made))
})

async function put(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

/** A 4 x 3 image whose first sample is `level`. */
function picture(level: number, format: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Buffer> {
  const data = Uint8Array.from({ length: 36 }, (_, i) => (level + i) % 256)
  return sharp(data, { raw: { width: 4, height: 3, channels: 3 } })[format]().toBuffer()
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Opens, expecting a VebiError; answers `code: sentence` with the test's folder written as `<data>`. */
async function refusal(location: string, options: OpenOptions = {}): Promise<string> {
  const error = await openSource(location, options).then(() => null, (thrown: Error & { code?: string }) => thrown)
  expect(error?.name).toBe('VebiError')
  return `${error?.code}: ${error?.message.replaceAll(folder, '<data>')}`
}

describe('folder per class', () => {
  beforeEach(async () => {
    await put('dog/b.JPG', await picture(1, 'jpeg'))
    await put('dog/a.png', await picture(2))
    await put('Cat/x.WebP', await picture(3, 'webp'))
    await put('bird/deep/y.jpeg', await picture(4, 'jpeg'))
  })

  it('lists classes and images by name, with the hash of each file', async () => {
    const source = await openSource(folder)
    expect(source.location).toBe(folder)
    expect(source.classes).toEqual(['Cat', 'bird', 'dog'])
    expect(source.records.map(({ name, label }) => [name, label])).toEqual(
      [['Cat/x.WebP', 0], ['bird/deep/y.jpeg', 1], ['dog/a.png', 2], ['dog/b.JPG', 2]])
    expect(source.records[2]).toEqual({ hash: sha256(await picture(2)), label: 2, name: 'dog/a.png', hasMask: false })
    const { height, width, channels, data } = await source.read(2)
    expect([height, width, channels, data[0]]).toEqual([3, 4, 3, 2])
  })

  it('takes the order of the classes from the caller; the order of the images stays', async () => {
    const source = await openSource(folder, { classes: ['dog', 'bird', 'Cat'] })
    expect(source.records.map(({ label }) => label)).toEqual([2, 1, 0, 0])
  })

  it('counts what it leaves out, and tells of images in deeper folders', async () => {
    await put('readme.txt', 'x')
    await put('dog/notes.csv', 'x')
    await put('stray.png', await picture(9))
    await put('dog/.hidden.png', 'x')
    await put('.cache/z.png', 'x')
    const { notes, records } = await openSource(folder)
    expect(records.length).toBe(4)
    expect(notes.map((note) => note.replaceAll(folder, '<data>'))).toEqual([
      'Class "bird" takes images from folders inside its folder: check that the folders of "<data>" are the classes.',
      '2 files in "<data>" ignored: not PNG, JPEG, WebP, GIF or TIFF.',
      '1 image in "<data>" ignored: in no class folder.',
    ])
  })

  it('refuses a class without an image, by name', async () => {
    await mkdir(join(folder, 'emu'))
    expect(await refusal(folder)).toBe(
      'bad-data: The class folder "<data>/emu" holds no image (PNG, JPEG, WebP, GIF or TIFF).')
  })

  it('refuses classes that do not match the folders', async () => {
    expect(await refusal(folder, { classes: ['Cat', 'dog', 'bird', 'cat'] })).toBe(
      'bad-data: "<data>" has no folder for: "cat".')
    expect(await refusal(folder, { classes: ['Cat', 'dog'] })).toBe(
      'bad-data: "<data>" has folders that are not among the classes: "bird".')
    expect(await refusal(folder, { classes: ['a', 'b', 'a'] })).toBe(
      'bad-argument: The list of classes names "a" twice.')
    expect(await refusal(folder, { classes: [] })).toBe('bad-argument: The list of classes is empty.')
  })

  it('follows links, but not in circles, and names a link that leads nowhere', async () => {
    await symlink(join(folder, 'dog'), join(folder, 'wolf'))
    expect((await openSource(folder)).records.length).toBe(6)
    await symlink(join(folder, 'gone.png'), join(folder, 'dog/gone.png'))
    expect(await refusal(folder)).toBe('missing-file: "dog/gone.png" does not exist.')
    await rm(join(folder, 'dog/gone.png'))
    await symlink('..', join(folder, 'dog/up'))
    expect(await refusal(folder)).toBe('bad-file: "<data>/dog/up" is a link to a folder that contains it.')
  })

  it('names an image that does not decode only when it is read', async () => {
    await put('dog/c.png', 'no image')
    const source = await openSource(folder)
    await expect(source.read(4)).rejects.toThrow(/^"dog\/c\.png" cannot be decoded: /)
  })

  it('refuses an image that changed after it was hashed, and one that is gone', async () => {
    const source = await openSource(folder)
    await put('dog/a.png', await picture(77))
    await expect(source.read(2)).rejects.toThrow('"dog/a.png" has changed since the data was opened.')
    await rm(join(folder, 'dog/b.JPG'))
    await expect(source.read(3)).rejects.toThrow('"dog/b.JPG" does not exist.')
    await expect(source.read(4)).rejects.toThrow('There is no image 4')
  })

  it('reports progress to the end, and stops when cancelled', async () => {
    const seen: [number, number][] = []
    await openSource(folder, { onProgress: (done, total) => seen.push([done, total]) })
    expect(seen).toEqual([[1, 4], [2, 4], [3, 4], [4, 4]])
    const controller = new AbortController()
    controller.abort()
    expect(await refusal(folder, { signal: controller.signal })).toBe('cancelled: Cancelled by the user.')
  })
})

describe('masks', () => {
  const mask = (samples: number[], width = 4) => sharp(
    Uint8Array.from(samples), { raw: { width, height: samples.length / width, channels: 1 } },
  ).toColourspace('b-w').png().toBuffer()
  const ones = [0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0]

  it('belong to the image of the same relative name, whatever the ending', async () => {
    await put('images/cat/1.jpg', await picture(1, 'jpeg'))
    await put('images/cat/2.png', await picture(2))
    await put('images/dog/1.png', await picture(3))
    await put('masks/cat/1.PNG', await mask(ones))
    await put('masks/dog/9.png', await mask(ones))
    const source = await openSource(join(folder, 'images'), { masks: join(folder, 'masks') })
    expect(source.records.map(({ hasMask }) => hasMask)).toEqual([true, false, false])
    expect([...(await source.readMask(0)).data]).toEqual(ones.map((sample) => sample / 255))
    await expect(source.readMask(1)).rejects.toMatchObject({ code: 'bad-data', message: '"cat/2.png" has no mask.' })
    expect(source.notes.map((note) => note.replaceAll(folder, '<data>'))).toEqual(
      ['1 of 2 masks in "<data>/masks" belong to no image.'])
  })

  it('may lie inside the data, and are then no class', async () => {
    await put('cat/1.png', await picture(1))
    await put('masks/cat/1.png', await mask(ones))
    const source = await openSource(folder, { masks: join(folder, 'masks') })
    expect(source.classes).toEqual(['cat'])
    expect(source.records[0]?.hasMask).toBe(true)
  })

  it('are refused when they do not fit', async () => {
    await put('images/cat/1.png', await picture(1))
    const images = join(folder, 'images')
    expect(await refusal(images, { masks: join(folder, 'none') })).toBe(
      'missing-file: The masks folder "<data>/none" does not exist.')
    expect(await refusal(images, { masks: images })).toBe(
      'bad-argument: "<data>/images" is given both as the images and as their masks.')
    await put('masks/1.png', await mask(ones))
    expect(await refusal(images, { masks: join(folder, 'masks') })).toBe(
      'bad-data: No file in the masks folder "<data>/masks" has the name of an image such as "cat/1.png".')
    await put('masks/cat/1.png', await mask(ones, 6))
    const source = await openSource(images, { masks: join(folder, 'masks') })
    await expect(source.readMask(0)).rejects.toThrow(/cat.1\.png" is 6 x 2, its image "cat\/1\.png" 4 x 3 pixels\.$/)
    await put('masks/cat/1.jpg', await mask(ones))
    expect(await refusal(images, { masks: join(folder, 'masks') })).toBe(
      'bad-data: The masks folder "<data>/masks" has two masks for one image: "cat/1.jpg" and "cat/1.png".')
  })
})

describe('CSV', () => {
  beforeEach(async () => {
    await put('img/b, c.png', await picture(1))
    await put('img/a.png', await picture(2))
    const white = sharp(new Uint8Array(12).fill(255), { raw: { width: 4, height: 3, channels: 1 } })
    await put('m/a.png', await white.png().toBuffer())
  })
  const summary = async (text: string, options: OpenOptions = {}) => {
    const source = await openSource(await put('list.csv', text), options)
    const records = source.records.map(({ name, label, hasMask }) => [name, label, hasMask])
    return { classes: source.classes, records }
  }

  it.each([
    ['a header', 'path,label,mask\n"img/b, c.png",dog,\nimg/a.png,cat,m/a.png\n'],
    ['no header', '"img/b, c.png",dog\nimg/a.png,cat,m/a.png\n'],
    ['a byte order mark, spaces, CRLF and empty lines',
      '\uFEFFPath , Label, MASK\r\n"img/b, c.png" , dog,\r\n\r\nimg/a.png, cat , m/a.png\r\n'],
    ['columns in another order and more of them',
      'label,width,mask,path\ndog,4,,"img/b, c.png"\ncat,4,m/a.png,img\\a.png\n'],
  ])('with %s', async (_, text) => {
    expect(await summary(text)).toEqual({
      classes: ['cat', 'dog'], records: [['img/a.png', 0, true], ['img/b, c.png', 1, false]],
    })
  })

  it('takes integers as class numbers, and as positions in the classes given', async () => {
    const text = 'img/a.png,2\n"img/b, c.png",0\n'
    expect(await summary(text)).toEqual(
      { classes: ['0', '1', '2'], records: [['img/a.png', 2, false], ['img/b, c.png', 0, false]] })
    expect((await summary(text, { classes: ['x', 'y', 'z'] })).records.map(([, label]) => label)).toEqual([2, 0])
    // A name goes before a position.
    expect((await summary(text, { classes: ['2', '1', '0'] })).records.map(([, label]) => label)).toEqual([0, 2])
  })

  it('finds masks in a folder, too, and tells of classes without an image', async () => {
    await put('masks/img/a.png', await picture(1))
    const list = await put('list.csv', 'img/a.png,0\n"img/b, c.png",2')
    const source = await openSource(list, { masks: join(folder, 'masks') })
    expect(source.records.map(({ hasMask }) => hasMask)).toEqual([true, false])
    expect(source.notes).toEqual([`No image in "${join(folder, 'list.csv')}" belongs to: "1".`])
  })

  it.each<[string | Uint8Array, string | RegExp]>([
    ['', 'bad-data: "<data>/list.csv" lists no images.'],
    ['path,label\n', 'bad-data: "<data>/list.csv" lists no images.'],
    ['img/a.png\n', 'bad-data: "<data>/list.csv", line 1: 1 columns, but expected are path,label[,mask].'],
    ['path,label\nimg/a.png,cat,m/a.png\n', 'bad-data: "<data>/list.csv", line 2: 3 columns, but its header has 2.'],
    ['path,label\n\nimg/a.png,\n', 'bad-data: "<data>/list.csv", line 3: the label is empty.'],
    ['path,label\nimg/z.png,cat\n', 'missing-file: "<data>/list.csv", line 2: "img/z.png" does not exist.'],
    ['img/a.png,cat,m/z.png\n', 'missing-file: "<data>/list.csv", line 1: "m/z.png" does not exist.'],
    ['list.csv,cat\n', 'bad-data: "<data>/list.csv", line 1: "list.csv" is not a PNG, JPEG, WebP, GIF or TIFF file.'],
    ['img/a.png,1\n./img/a.png,2\n', 'bad-data: "<data>/list.csv" lists "./img/a.png" twice, in lines 1 and 2.'],
    ['img/a.png,100000\n', 'bad-data: "<data>/list.csv" has the class number 100000; the most is 99999.'],
    [Uint8Array.of(0x61, 0xe9, 0x2c, 0x62), 'bad-file: "<data>/list.csv" is not a CSV file in UTF-8.'],
    ['a\0b,c\n', 'bad-file: "<data>/list.csv" is not a CSV file: it holds zero bytes.'],
    ['img/a.png,"cat\n', /^bad-file: "<data>\/list\.csv" is not a readable CSV: .*[^.]\.$/],
  ])('%j is refused', async (text, sentence) => {
    const answer = await refusal(await put('list.csv', text))
    if (sentence instanceof RegExp) expect(answer).toMatch(sentence)
    else expect(answer).toBe(sentence)
  })

  it('refuses an unknown label', async () => {
    const list = await put('list.csv', 'img/a.png,cat\n"img/b, c.png",emu\n')
    expect(await refusal(list, { classes: ['cat', 'dog'] })).toBe(
      'bad-data: "<data>/list.csv", line 2: the label "emu" is not among the 2 classes.')
    expect(await refusal(await put('list.csv', 'img/a.png,2\n'), { classes: ['cat', 'dog'] })).toBe(
      'bad-data: "<data>/list.csv", line 1: the label "2" is not among the 2 classes.')
  })
})

describe('a location that is nothing of these', () => {
  it('is named', async () => {
    await mkdir(join(folder, 'empty'), { recursive: true })
    const foreign = await put('model.h5', 'x')
    expect(await refusal(join(folder, 'gone'))).toBe('missing-file: "<data>/gone" does not exist.')
    expect(await refusal(join(folder, 'gone.csv'))).toBe('missing-file: "<data>/gone.csv" does not exist.')
    expect(await refusal(join(folder, 'empty'))).toBe(
      'bad-data: "<data>/empty" holds no folders: one folder of images per class is expected.')
    expect(await refusal(foreign)).toBe(
      'bad-file: "<data>/model.h5" is neither a folder, a CSV file nor an IDX pair "images:labels".')
  })
})

describe('identity', () => {
  it('of a source covers contents, labels and their order, not names', async () => {
    await put('a/cat/1.png', await picture(1))
    await put('a/dog/2.png', await picture(2))
    await put('b/cat/7.png', await picture(1))
    await put('b/dog/8.png', await picture(2))
    const key = async (name: string, options: OpenOptions = {}) => (
      sourceKey(await openSource(join(folder, name), options)))
    const expected = sha256(Buffer.from(`${sha256(await picture(1))} 0\n${sha256(await picture(2))} 1\n`))
    expect(await key('a')).toBe(expected)
    expect(await key('b')).toBe(expected)
    expect(await key('a', { classes: ['dog', 'cat'] })).not.toBe(expected)
    await put('b/dog/8.png', await picture(3))
    expect(await key('b')).not.toBe(expected)
  })

  it('of images shows planted overlap between training and test', async () => {
    for (let i = 0; i < 6; i++) {
      await put(`train/cat/${i}.png`, await picture(i))
      await put(`test/dog/${i}.png`, await picture(i + 2))
      await put(`other/cat/${i}.png`, await picture(i + 100))
    }
    const names = ['train', 'test', 'other']
    const [train, test, other] = await Promise.all(names.map((name) => openSource(join(folder, name))))
    expect(() => checkDisjoint(train, other)).not.toThrow()
    expect(() => checkDisjoint(train, test)).toThrow(expect.objectContaining({
      code: 'overlap',
      message: '4 of 6 test images are also training images: "dog/0.png" is "cat/2.png", "dog/1.png" is "cat/3.png", '
        + '"dog/2.png" is "cat/4.png" and 1 more.',
    }) as Error)
  })
})
