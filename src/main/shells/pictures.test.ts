import { describe, expect, it, vi } from 'vitest'
import type { Reply } from '../../shared/contract.ts'
import { imageAddress, parseImageAddress } from '../../shared/image-address.ts'
import { answerPicture } from './pictures.ts'

const picture = { mime: 'image/png', bytes: new Uint8Array([1, 2]), height: 1, width: 2 }
const answering = (reply: Reply<unknown>) => vi.fn(() => Promise.resolve(reply))
const failing = (code: 'bad-argument' | 'bad-data' | 'not-ready' | 'internal') =>
  answering({ ok: false, error: { code, sentence: 'The reason.' } })

describe('an address', () => {
  it('says what it was made of', () => {
    const request = { image: 'added/12', view: 'original', maxSide: 300 } as const
    const url = new URL(imageAddress(request, 'a&b'), 'http://127.0.0.1')
    expect(parseImageAddress(url.pathname.replace('/image/', ''), url.searchParams)).toEqual(request)
    expect(url.searchParams.get('version')).toBe('a&b')
  })

  it('has a size and a view where none are given', () => {
    expect(parseImageAddress('test/0', new URLSearchParams())).toEqual({
      image: 'test/0',
      view: 'displayed',
      maxSide: 512,
    })
  })

  it.each([
    ['test/../../secret', ''],
    ['/etc/passwd', ''],
    ['test/-1', ''],
    ['test/1.png', ''],
    ['test/1/2', ''],
    ['masks/1', ''],
    ['test/1', 'side=0'],
    ['test/1', 'side=4097'],
    ['test/1', 'side=1e3'],
    ['test/1', 'view=raw'],
  ])('%s?%s is none', async (path, query) => {
    const call = answering({ ok: true, result: picture })
    expect(await answerPicture(call, path, new URLSearchParams(query))).toMatchObject({ status: 400 })
    expect(call).not.toHaveBeenCalled()
  })
})

describe('answerPicture', () => {
  it('asks the engine for the image by its id', async () => {
    const call = answering({ ok: true, result: picture })
    const answer = await answerPicture(call, 'train/7', new URLSearchParams('view=original&side=64&version=3'))
    expect(answer).toEqual({ status: 200, picture, keep: true })
    expect(call).toHaveBeenCalledExactlyOnceWith('images.picture', { image: 'train/7', view: 'original', maxSide: 64 })
  })

  it('lets nothing be kept whose address does not change with the project', async () => {
    const call = answering({ ok: true, result: picture })
    expect(await answerPicture(call, 'train/7', new URLSearchParams())).toMatchObject({ keep: false })
  })

  it('refuses what is not an encoded picture of ours', async () => {
    const call = answering({ ok: true, result: { ...picture, mime: 'image/svg+xml' } })
    expect(await answerPicture(call, 'train/7', new URLSearchParams())).toMatchObject({ status: 500 })
  })

  it.each([
    ['bad-argument', 404],
    ['bad-data', 404],
    ['not-ready', 409],
    ['internal', 500],
  ] as const)('hands on the sentence of %s with status %i', async (code, status) => {
    expect(await answerPicture(failing(code), 'test/1', new URLSearchParams())).toEqual({
      status,
      sentence: 'The reason.',
    })
  })
})
