import { describe, expect, it } from 'vitest'
import type { FigurePreview, FigureRecipe } from '../../../shared/figures.ts'
import { createPreviewQueue } from './preview-queue.ts'

const recipe = (name: string, mu = 1): FigureRecipe => ({
  name,
  spec: {
    kind: 'selection-matrix',
    selection: { preset: 'paper', layers: 'All', mu, nonnegative: false, labels: 'true' },
  },
  style: { widthCm: 8.5, font: 'sans', fontSizePt: 8, dpi: 300 },
  formats: ['svg'],
  caption: '',
})
const preview = (svg: string): FigurePreview => ({ svg, widthCm: 8.5, heightCm: 5, caption: '', latex: '' })

function slowDraw() {
  const drawn: string[] = []
  const open: ((error?: Error) => void)[] = []
  let most = 0
  const draw = ({ name }: FigureRecipe): Promise<FigurePreview> =>
    new Promise((resolve, reject) => {
      drawn.push(name)
      open.push((error) => (error ? reject(error) : resolve(preview(name))))
      most = Math.max(most, open.length)
    })
  const next = async (error?: Error): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve()
    open.shift()?.(error)
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
  return { drawn, draw, next, most: () => most }
}
const { signal } = new AbortController()

describe('the queue of previews', () => {
  it('draws one after another', async () => {
    const { draw, drawn, next, most } = slowDraw()
    const queue = createPreviewQueue(draw)
    const answers = [1, 2, 3].map((mu) => queue.ask(recipe(`f${mu}`, mu), signal))
    for (let i = 0; i < 3; i++) await next()
    expect((await Promise.all(answers)).map(({ svg }) => svg)).toEqual(['f1', 'f2', 'f3'])
    expect(drawn).toEqual(['f1', 'f2', 'f3'])
    expect(most()).toBe(1)
  })

  it('draws the same picture once, whatever its name and caption', async () => {
    const { draw, drawn, next } = slowDraw()
    const queue = createPreviewQueue(draw)
    const answers = [queue.ask(recipe('a'), signal), queue.ask({ ...recipe('b'), caption: 'x' }, signal)]
    await next()
    await Promise.all(answers)
    await queue.ask(recipe('c'), signal)
    expect(drawn).toEqual(['a'])
    queue.clear()
    const again = queue.ask(recipe('d'), signal)
    await next()
    expect((await again).svg).toBe('d')
  })

  it('leaves out what has gone out of sight, and goes on after a failure', async () => {
    const { draw, drawn, next } = slowDraw()
    const queue = createPreviewQueue(draw)
    const gone = new AbortController()
    const first = queue.ask(recipe('a', 1), signal)
    void queue.ask(recipe('b', 2), gone.signal)
    const third = queue.ask(recipe('c', 3), signal)
    gone.abort()
    const refused = expect(first).rejects.toThrow('no')
    await next(new Error('no'))
    await refused
    await next()
    expect((await third).svg).toBe('c')
    expect(drawn).toEqual(['a', 'c'])
  })
})
