import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { StoredBlocks, type StoredBlock } from './stored-blocks.ts'
import { temporaryFolder } from './testing/write-model.ts'
import { WeightInFile } from './weight-in-file.ts'

const ROWS = 60
/** Two rows of the first weight make a block, five blocks are on their way, and the caller holds three. */
const [BLOCK_ROWS, AHEAD, HELD] = [2, 5, 3]

/** A matrix `[columns, ROWS]` that is stored as `[ROWS, columns]`; its values go on from `first`. */
async function turned(columns: number, first: number): Promise<WeightInFile> {
  const values = Float32Array.from({ length: ROWS * columns }, (_, index) => first + index)
  const file = path.join(await temporaryFolder(), 'values')
  await writeFile(file, values)
  const pieces = [{ file, offset: 0, length: values.byteLength }]
  return new WeightInFile([columns, ROWS], { pieces, sizes: [columns, ROWS], strides: [1, columns] }, 'not finite')
}

test('room is handed out again, but never while its values are the caller’s or are being read', async () => {
  const [columns, fewer] = [7, 3]
  // The rows of the second weight are shorter, so that its blocks hold more of them.
  const weights = [await turned(columns, 0), await turned(fewer, 10_000), await turned(columns, 20_000)]
  const blockBytes = BLOCK_ROWS * columns * 4
  const blocks = new StoredBlocks(weights, { aheadBytes: AHEAD * blockBytes, rearrangedBytes: blockBytes })
  onTestFinished(() => blocks.close())
  const held: { block: StoredBlock; expected: number[] }[] = []
  const rooms = new Set<ArrayBuffer>()
  let count = 0
  const giveBack = (place: number): void => {
    const [{ block, expected }] = held.splice(place, 1)
    expect([...block.values]).toEqual(expected)
    blocks.release(block)
  }
  for (const [number, weight] of weights.entries()) {
    for (let done = 0; done < weight.count; count++) {
      const block = await blocks.next()
      expect(block.start).toBe(done)
      const expected = Array.from(block.values, (_, index) => number * 10_000 + done + index)
      expect([...block.values]).toEqual(expected)
      held.push({ block, expected })
      rooms.add(block.values.buffer)
      done += block.values.length
      // The middle one, the oldest and the latest in turn.
      if (held.length > HELD) giveBack([1, 0, HELD][count % 3])
    }
  }
  while (held.length > 0) giveBack(0)
  expect(count).toBeGreaterThan(70)
  // Of the shorter rows one block more is on its way; then those that are held, and two that change hands.
  expect(rooms.size).toBeLessThanOrEqual(AHEAD + 1 + HELD + 2)
})
