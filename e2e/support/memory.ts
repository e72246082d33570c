import type { Page } from '@playwright/test'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface RendererMemory {
  /** Resident set of the page's process, bytes. */
  readonly resident: number
  /** JavaScript heap in use, bytes. */
  readonly heap: number
  /** DOM nodes. */
  readonly nodes: number
}

/** What the process of the page takes, garbage collected before. */
export async function measureMemory(page: Page): Promise<RendererMemory> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? NaN
  const heap = metric('JSHeapUsedSize')
  const nodes = metric('Nodes')
  await session.detach()
  const resident = Math.max(...(await rendererSizes(page)))
  return { resident, heap, nodes }
}

/** Resident sizes of all renderers; ours is the largest, the others hold empty pages. */
async function rendererSizes(page: Page): Promise<number[]> {
  const browser = page.context().browser()
  if (!browser) throw new Error('The processes of the desktop window are counted by Electron itself.')
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => String(id))
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pids.join(',')])
  return stdout.trim().split(/\s+/).map((kilobytes) => 1024 * Number(kilobytes))
}
