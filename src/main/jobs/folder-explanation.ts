import { resolve } from 'node:path'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { UnreadableImage } from '../../shared/images.ts'
import type { FolderExplanationResult } from '../../shared/results.ts'
import type { FolderExplanationSpec } from '../../shared/work.ts'
import { batches } from '../data/batches.ts'
import { byCodeUnits } from '../data/files.ts'
import { batchSizeFor } from '../model/network.ts'
import { describeAdded } from './added-images.ts'
import { EXPLAIN_BATCH, explainBatch, findExplanationSummary, hasExplanation } from './explanation-store.ts'
import { listFolderImages, openFolderImages } from './folder-images.ts'
import { networkInputs, type Project } from './project.ts'
import type { RankedImage } from './ranking.ts'
import { breathe, type JobContext } from './runner.ts'
import { featureName } from './selection-views.ts'
import { select, type Selection } from './selection.ts'
import { notComputed, stored } from './stored.ts'

/** What the latest finished run over a folder found. */
interface Found {
  readonly images: readonly (Pick<RankedImage, 'predicted' | 'confidence' | 'features'> & {
    readonly name: string
    readonly hash: string
  })[]
  readonly unreadable: readonly UnreadableImage[]
}

/**
 * Adds every image of a folder to the project and explains the network's prediction for it. Explanations are keyed by
 * the content of the images: a second run, and one that goes on after a break, compute what is missing. What cannot be
 * read is skipped and reported.
 */
export async function explainFolder(
  project: Project,
  { folder, explanation }: FolderExplanationSpec,
  context: JobContext,
): Promise<void> {
  const { graph, config, store } = project
  const names = await listFolderImages(folder)
  const selection = await select(project, explanation.selection, context)
  const { source, unreadable: refused } = await openFolderImages(project, folder, names, context)
  const { records } = source
  const unreadable = [...refused]
  const missing: number[] = []
  for (const [index, { hash }] of records.entries()) {
    if (index % EXPLAIN_BATCH === 0) await breathe()
    throwIfCancelled(context.signal)
    const known = store.addedImages.find(hash) && hasExplanation(project, selection, explanation, hash)
    if (!known) missing.push(index)
  }
  let done = records.length - missing.length
  const report = (): void => context.report({ phase: 'explain', done, total: records.length, unit: 'images' })
  report()
  const options = { batchSize: batchSizeFor(graph, EXPLAIN_BATCH), indexes: missing, signal: context.signal }
  for await (const batch of batches(source, config.preprocessing, options)) {
    throwIfCancelled(context.signal)
    unreadable.push(...batch.failures.map(({ name, reason }) => ({ name, reason })))
    const hashes = Array.from(batch.indexes, (index) => records[index].hash)
    if (hashes.length > 0) explainBatch(project, selection, explanation, batch.data, hashes)
    done += batch.indexes.length + batch.failures.length
    report()
    await breathe()
  }
  const failed = new Set(unreadable.map(({ name }) => name))
  const images: Found['images'][number][] = []
  for (const { name, hash } of records) {
    throwIfCancelled(context.signal)
    if (failed.has(name)) continue
    images.push({ name, hash, ...findExplanationSummary(project, selection, explanation, hash)! })
    if (images.length % EXPLAIN_BATCH === 0) await breathe()
  }
  if (images.length === 0) {
    throw new VebiError(
      'bad-data',
      `None of the ${names.length} images in "${folder}" can be read: ${unreadable[0].reason}`,
    )
  }
  unreadable.sort((a, b) => byCodeUnits(a.name, b.name))
  keep(project, inputsOf(project, selection, { folder, explanation }), { images, unreadable })
}

/**
 * What the latest finished job found; images that the user has removed since are left out. Throws
 * VebiError('not-ready') where no job has finished.
 */
export async function readFolderExplanation(
  project: Project,
  spec: FolderExplanationSpec,
): Promise<FolderExplanationResult> {
  const { artifacts, addedImages } = project.store
  const selection = await stored(project, 'selection', spec.explanation.selection, select)
  const artifact = artifacts.find('folder-explanation', inputsOf(project, selection, spec))
  if (!artifact?.complete) throw notComputed(project, 'folder-explanation')
  const { images, unreadable } = artifacts.partMeta(artifact, 0) as Found
  const added = new Map(addedImages.list().map((image) => [image.hash, describeAdded(image)]))
  return {
    unreadable,
    images: images.flatMap(({ name, hash, predicted, confidence, features }) => {
      const image = added.get(hash)
      if (!image) return []
      const named = features.map((each) => ({ ...featureName(selection.layout, each.feature), ...each }))
      return [{ image: { ...image, name }, predicted, confidence, features: named }]
    }),
  }
}

/** Of a run over a folder. Its images are no part of them: every run looks at the folder and replaces what is kept. */
function inputsOf(
  project: Project,
  selection: Selection,
  { folder, explanation }: FolderExplanationSpec,
): Record<string, unknown> {
  const { topFeatures, rule, strideCorrection, reduction } = explanation
  return {
    ...networkInputs(project),
    folder: resolve(folder),
    selection: selection.key,
    topFeatures,
    rule,
    strideCorrection,
    reduction,
  }
}

function keep({ store: { artifacts } }: Project, inputs: Record<string, unknown>, found: Found): void {
  const before = artifacts.find('folder-explanation', inputs)
  if (before) artifacts.remove(before)
  const writer = artifacts.begin('folder-explanation', inputs)
  writer.put(0, {}, found)
  writer.finish()
}
