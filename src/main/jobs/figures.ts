import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type { FigureExportResult, FigureExportSpec, FigureRecipe, StoredFigure } from '../../shared/figures.ts'
import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { MANIFEST_NAME, manifestText, type Json, type ManifestFile } from '../figures/manifest.ts'
import { stageFiles } from '../figures/staging.ts'
import { drawFigure } from './figure-draw.ts'
import { figureFiles } from './figure-files.ts'
import { MuPaths } from './mu-paths.ts'
import { networkInputs, type Project } from './project.ts'
import { ResponseStatistics } from './response-statistics.ts'
import { breathe, type JobContext } from './runner.ts'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

/**
 * Draws figures of the project into a folder and describes them in `manifest.json`. Files appear all together at the
 * end, so that a failure, a full disk or a cancel leaves the folder as it was. The same results and recipes give the
 * same bytes. Figures whose results are not computed are told in `failed`, and the others are written.
 */
export async function writeFigures(
  project: Project,
  { folder, ids }: FigureExportSpec,
  context: JobContext,
): Promise<FigureExportResult> {
  const figures = chosenFigures(project, ids)
  const sources = { paths: new MuPaths(project), responses: new ResponseStatistics(project) }
  const staged = await stageFiles(folder)
  try {
    const files: ManifestFile[] = []
    const failed: { name: string; reason: string }[] = []
    const seeds: Record<string, Record<string, number>> = {}
    const settings: Record<string, Json> = {}
    const write = async (name: string, bytes: Uint8Array, shows: string): Promise<void> => {
      await staged.write(name, bytes)
      files.push({ path: name, bytes: bytes.length, sha256: sha256(bytes), shows })
    }
    for (const [index, figure] of figures.entries()) {
      throwIfCancelled(context.signal)
      context.report({ phase: 'draw', done: index, total: figures.length, unit: 'figures' })
      const drawn = await attempt(() => drawFigure(project, sources, figure))
      await breathe()
      throwIfCancelled(context.signal)
      const made = 'reason' in drawn ? drawn : await attempt(() => figureFiles(figure, drawn.value))
      if ('reason' in drawn || 'reason' in made) {
        failed.push({ name: figure.name, reason: 'reason' in drawn ? drawn.reason : 'reason' in made ? made.reason : '' })
        continue
      }
      for (const { name, bytes } of made.value) {
        throwIfCancelled(context.signal)
        await write(name, bytes, figure.caption || drawn.value.caption)
      }
      if (Object.keys(drawn.value.seeds).length > 0) seeds[figure.name] = { ...drawn.value.seeds }
      settings[figure.name] = settingsOf(figure)
      await breathe()
    }
    const manifest = new TextEncoder().encode(
      manifestText({
        files,
        settings,
        seeds,
        versions: { vebi: version, node: process.version, [project.engine.name]: project.engine.version },
        inputs: { ...networkInputs(project), trainImages: project.keys.train, testImages: project.keys.test },
      }),
    )
    await staged.write(MANIFEST_NAME, manifest)
    throwIfCancelled(context.signal)
    await staged.publish()
    context.report({ phase: 'draw', done: figures.length, total: figures.length, unit: 'figures' })
    const written = [
      ...files.map(({ path: name, sha256: hash, bytes }) => ({ name, sha256: hash, bytes })),
      { name: MANIFEST_NAME, sha256: sha256(manifest), bytes: manifest.length },
    ]
    return { folder: staged.folder, files: written, failed }
  } finally {
    sources.responses.close()
    await staged.discard()
  }
}

function chosenFigures(project: Project, ids: readonly number[] | null): StoredFigure[] {
  const all = project.store.figures.list()
  const unknown = ids?.find((id) => !all.some((figure) => figure.id === id))
  if (unknown !== undefined) throw new VebiError('bad-argument', `There is no figure ${unknown} in ${project.folder}.`)
  const chosen = ids === null ? all : all.filter(({ id }) => ids.includes(id))
  if (chosen.length > 0) return chosen
  throw new VebiError('bad-argument', `There is no figure to write in ${project.folder}: keep one first ("to figure").`)
}

/** What a user can mend is told; faults of the program go on. */
async function attempt<Value>(work: () => Promise<Value>): Promise<{ value: Value } | { reason: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof VebiError && error.code !== 'cancelled' && error.code !== 'internal') {
      return { reason: reasonOf(error) }
    }
    throw error
  }
}

function settingsOf({ spec, style, formats, caption }: FigureRecipe): Json {
  // A recipe is plain JSON: it was read from the project as such.
  return { spec, style, formats, ...(caption ? { caption } : {}) } as unknown as Json
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
