import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeProject } from './fixtures.ts'
import { skipped, type Measurement } from './measurement.ts'

const MOST_GROWTH = 0.1
const NAME = 'growth of peak memory when the images double'
const PROMISE = `below ${MOST_GROWTH * 100} %`

/** Peak memory of an extraction of `images / 2` and of `images` images, each in a process of its own. */
export async function measureMemory(folder: string, model: string, images: number): Promise<Measurement> {
  if (!existsSync('/proc/self/status'))
    return skipped(NAME, PROMISE, 'this system has no /proc that tells the peak memory')
  const peaks: number[] = []
  for (const count of [images / 2, images]) {
    const project = await makeProject(join(folder, 'memory'), model, count)
    const run = spawnSync(process.execPath, [join(import.meta.dirname, 'peak.ts'), project], { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`The extraction of ${count} images failed: ${run.stderr}`)
    peaks.push(Number(run.stdout))
  }
  const growth = peaks[1] / peaks[0] - 1
  return {
    name: NAME,
    value: `${(100 * growth).toFixed(1)} %`,
    promise: PROMISE,
    kept: growth < MOST_GROWTH,
    note: `${peaks.map((peak) => `${Math.round(peak)} MiB`).join(' and ')} for ${images / 2} and ${images} images`,
  }
}
