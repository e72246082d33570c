/**
 * Measures what the project promises about speed and memory, as ratios within one run, and fails where a promise is
 * broken.
 *   npm run bench [-- --quick] [-- --only extraction,memory,selection,ablation,explanation,opening]
 * MNIST is looked for in VEBI_DATA or ../shared/data. PYTHON names the interpreter with PyTorch and scikit-learn for
 * the comparisons with them (default python3); what is not installed is skipped.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEngine } from '../../src/main/model/engine.ts'
import { measureAblation } from './ablation.ts'
import { measureExplanation } from './explanation.ts'
import { measureExtraction } from './extraction.ts'
import { makeLeNet, missingData, TRAIN_IMAGES } from './fixtures.ts'
import type { Measurement } from './measurement.ts'
import { measureMemory } from './memory.ts'
import { measureOpening } from './opening.ts'
import { measureSelection } from './selection.ts'

const PARTS = ['extraction', 'memory', 'selection', 'ablation', 'explanation', 'opening'] as const
/** These need no MNIST. */
const OWN_DATA: readonly string[] = ['selection', 'explanation', 'opening']

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: PARTS.join() } },
})
const { quick } = values
const wanted = values.only.split(',')
const unknown = wanted.find((part) => !PARTS.some((each) => each === part))
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}": choose among ${PARTS.join(', ')}.`)
  process.exit(2)
}

const engine = await startEngine()
console.log(`Engine: ${engine.name} ${engine.version}. ${engine.notes.join(' ')}`)
const folder = mkdtempSync(join(tmpdir(), 'vebi-bench-'))
let broken = 0
try {
  const missing = missingData()
  const model = await makeLeNet(folder)
  const measures: Record<(typeof PARTS)[number], () => Promise<Measurement[]>> = {
    extraction: () => measureExtraction(folder, model, quick ? 10_000 : TRAIN_IMAGES, quick ? 2 : 3),
    memory: async () => [await measureMemory(folder, model, quick ? 20_000 : TRAIN_IMAGES)],
    selection: () => measureSelection(quick),
    ablation: () => measureAblation(folder, model, 8192, quick ? 1 : 3),
    explanation: () => measureExplanation(folder, quick),
    opening: () => Promise.resolve(measureOpening(folder)),
  }
  for (const part of PARTS) {
    if (!wanted.includes(part)) continue
    if (missing && !OWN_DATA.includes(part)) console.log(`${part} skipped: ${missing}`)
    else for (const measurement of await measures[part]()) show(measurement)
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(broken === 0 ? 'All promises that were measured are kept.' : `Broken promises: ${broken}.`)
process.exitCode = broken === 0 ? 0 : 1

function show({ name, value, promise, kept, note }: Measurement): void {
  const verdict = kept === null ? '-' : kept ? 'kept' : 'BROKEN'
  if (kept === false) broken++
  console.log(`${verdict.padEnd(7)} ${name.padEnd(46)} ${value.padStart(8)}  (${promise}; ${note})`)
}
