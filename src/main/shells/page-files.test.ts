import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageFileParts, readPageFile } from './page-files.ts'

let folder: string
let page: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vebi-page-'))
  page = join(folder, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await mkdir(join(folder, 'page-secret'))
  await writeFile(join(page, 'index.html'), 'the page')
  await writeFile(join(page, 'assets', 'index-1a2b.js'), 'the script')
  await writeFile(join(folder, 'secret.json'), 'secret')
  await writeFile(join(folder, 'page-secret', 'secret.json'), 'secret')
  await symlink(join(folder, 'secret.json'), join(page, 'link.json'))
  await symlink(join(folder, 'page-secret'), join(page, 'beside'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('pageFileParts', () => {
  it.each([
    ['/', ['index.html']],
    ['/index.html', ['index.html']],
    ['/assets/index-1a2b.js', ['assets', 'index-1a2b.js']],
  ])('%s is a file of the page', (path, parts) => expect(pageFileParts(path)).toEqual(parts))

  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/..%5csecret.json',
    '/..\\secret.json',
    '//etc/passwd.json',
    '/C:/secret.json',
    '/assets/',
    '/assets',
    '/.env.json',
    '/a%00.json',
    '/%zz.json',
    '/program.exe',
    '/a b.json',
  ])('%s is not', (path) => expect(pageFileParts(path)).toBeNull())
})

describe('readPageFile', () => {
  it('reads what is in the folder, with its type', async () => {
    const index = await readPageFile(page, '/')
    expect(new TextDecoder().decode(index?.bytes)).toBe('the page')
    expect(index).toMatchObject({ type: 'text/html; charset=utf-8', hashed: false })
    expect(await readPageFile(page, '/assets/index-1a2b.js')).toMatchObject({
      type: 'text/javascript; charset=utf-8',
      hashed: true,
    })
  })

  it.each(['/link.json', '/beside/secret.json', '/../secret.json', '/absent.js'])('has nothing at %s', async (path) => {
    expect(await readPageFile(page, path)).toBeNull()
  })
})
