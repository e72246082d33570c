import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Reply } from '../../../shared/contract.ts'
import { contentSecurityPolicy } from '../page-policy.ts'
import { createProtocolHandler } from './app-protocol.ts'

const call = vi.fn((): Promise<Reply<unknown>> =>
  Promise.resolve({ ok: true, result: { mime: 'image/png', bytes: new Uint8Array([1, 2, 3]), height: 1, width: 1 } }),
)
let page: string
let handle: (request: Request) => Promise<Response>

beforeAll(async () => {
  page = await mkdtemp(join(tmpdir(), 'vebi-page-'))
  await writeFile(join(page, 'index.html'), 'the page')
  handle = createProtocolHandler({ page, call })
})

afterAll(() => rm(page, { recursive: true, force: true }))

it('answers with the page under its policy', async () => {
  const response = await handle(new Request('vebi://app/index.html'))
  expect([response.status, await response.text()]).toEqual([200, 'the page'])
  expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy('desktop'))
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
})

it('answers with pictures by the id of their image', async () => {
  const response = await handle(new Request('vebi://app/image/test/7?view=original&side=64'))
  expect(call).toHaveBeenCalledExactlyOnceWith('images.picture', { image: 'test/7', view: 'original', maxSide: 64 })
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]))
  expect(response.headers.get('content-type')).toBe('image/png')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

it.each([
  ['vebi://app/image/..%2f..%2fetc%2fpasswd', 400],
  ['vebi://app/image//etc/passwd', 400],
  ['vebi://app/%2e%2e%2fpackage.json', 404],
  ['vebi://app/absent.js', 404],
  ['vebi://other/index.html', 403],
])('%s: %i', async (address, status) => {
  const response = await handle(new Request(address))
  expect(response.status).toBe(status)
  expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy('desktop'))
})

it('takes nothing but GET', async () => {
  expect((await handle(new Request('vebi://app/index.html', { method: 'POST' }))).status).toBe(403)
})
