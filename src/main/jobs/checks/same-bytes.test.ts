import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { specsOf } from '../../../shared/analysis.ts'
import { checkSpecOf, LISTED_NAMES } from '../../../shared/check-list.ts'
import {
  discard,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  resultsOf,
  smallAnalysis,
  type Ingredients,
} from '../../testing/projects.ts'
import { extract } from '../extraction.ts'
import { writeReport } from '../report.ts'
import { runCheck } from './index.ts'

/** All seeds are fixed: the same project made twice, in two places, gives the same bytes on the same engine. */

const made: Ingredients[] = []
afterAll(() => Promise.all(made.map(discard)))

interface Everything {
  readonly results: Record<string, string>
  readonly stored: Record<string, string>
  readonly report: string
}

/** Makes a project anew and runs every check. */
async function everything(): Promise<Everything> {
  const from = await folderIngredients({ train: 40, test: 12 })
  made.push(from)
  const folder = await newProject(from, 'project')
  const options = smallAnalysis
  const { extraction, selections } = specsOf(options)
  const checks = LISTED_NAMES.map((name) => checkSpecOf(name, selections[0], options, { images: 6, repeats: 20 }))
  const file = join(from.root, 'report.html')
  const results: Record<string, string> = {}
  await inProject(folder, async (project) => {
    await extract(project, extraction, quiet())
    for (const spec of checks) results[spec.check] = JSON.stringify(await runCheck(project, spec, quiet()))
    await writeReport(project, { file, options, checks }, quiet())
  })
  const report = await readFile(file, 'utf8')
  // It names the folder of the images.
  return { results, stored: resultsOf(folder), report: report.replaceAll(basename(from.root), 'images') }
}

it('every check, everything that is stored, and the report are the same bytes', async () => {
  const [first, second] = [await everything(), await everything()]
  expect(Object.keys(first.results)).toHaveLength(LISTED_NAMES.length)
  expect(second.results).toEqual(first.results)
  expect(second.stored).toEqual(first.stored)
  expect(second.report).toBe(first.report)
}, 60_000)
