import { rm } from 'node:fs/promises'
import { CHECK_DEFAULTS, type CheckName, type CheckResult, type CheckSpec } from '../../shared/checks.ts'
import { createProject } from '../app.ts'
import { runCheck } from '../jobs/checks/index.ts'
import { extract } from '../jobs/extraction.ts'
import { select } from '../jobs/selection.ts'
import { PLANTED_SELECTION, writePlantedProject, type PlantedOptions } from './planted-project.ts'
import { inProject, quiet } from './projects.ts'

/** Checks of planted projects, for tests. */

const roots: string[] = []

/** Removes every project that was made here. */
export async function discardPlanted(): Promise<void> {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })))
}

/** A new project with its selection; returns its folder. */
export async function plantedProject(options: PlantedOptions = {}): Promise<string> {
  const made = await writePlantedProject(options)
  roots.push(made.root)
  const { folder, ...draft } = made.options
  await createProject(folder, draft)
  await inProject(folder, async (project) => {
    await extract(project, { preset: 'paper', layers: 'All' }, quiet())
    await select(project, PLANTED_SELECTION, quiet())
  })
  return folder
}

/** Makes a project without masks and without a selection; returns its folder. */
export async function plantedWithoutMasks(): Promise<string> {
  const made = await writePlantedProject()
  roots.push(made.root)
  const { folder, masks: _masks, ...draft } = made.options
  await createProject(folder, draft)
  await inProject(folder, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet()))
  return folder
}

export function checkSpec(check: CheckName, changes: Partial<CheckSpec> = {}): CheckSpec {
  return {
    check,
    selection: PLANTED_SELECTION,
    explanation: { topFeatures: 1, strideCorrection: 'conv+pool', reduction: 'max-abs' },
    ...CHECK_DEFAULTS[check],
    seed: 1,
    ...changes,
  }
}

export function checkProject(
  folder: string,
  check: CheckName,
  changes: Partial<CheckSpec> = {},
): Promise<CheckResult> {
  return inProject(folder, (project) => runCheck(project, checkSpec(check, changes), quiet()))
}

/** One row of a table by the ids of its columns: the first that holds all of these names and numbers. */
export function rowOf(
  { tables }: CheckResult,
  table: string,
  ...names: (string | number)[]
): Record<string, number> {
  const { columns, rows } = tables.find(({ id }) => id === table)!
  const row = rows.find((cells) => names.every((name) => cells.includes(name)))!
  return Object.fromEntries(columns.map(({ id }, i) => [id, row[i] as number]))
}

/** Name of the heatmaps that `checkSpec` asks for. */
export const CHECKED = 'Ours, convolutions and pooling corrected'

export const CONTROL_NAMES = ['Random map', 'Centre box', 'Sobel of the image', 'Constant map']
